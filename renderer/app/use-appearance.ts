// Theme and language of the document, following the preferences and the system.
import { useEffect, useSyncExternalStore } from 'react';
import { desktopBridge } from '../api/session.ts';
import { speak } from '../locales/i18n.ts';
import type { Language } from '../locales/i18n.ts';
import { chosenLanguage, usePreferences } from './preferences.ts';

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');

function subscribeDark(listener: () => void): () => void {
  darkQuery.addEventListener('change', listener);
  return () => {
    darkQuery.removeEventListener('change', listener);
  };
}

export function useAppearance(): { theme: 'light' | 'dark'; language: Language } {
  const preference = usePreferences(({ theme }) => theme);
  const language = chosenLanguage(usePreferences((state) => state.language));
  const systemIsDark = useSyncExternalStore(subscribeDark, () => darkQuery.matches);
  const theme = preference === 'system' ? (systemIsDark ? 'dark' : 'light') : preference;

  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);

  useEffect(() => {
    void speak(language);
    void desktopBridge()?.setAppearance({ language, theme: preference });
  }, [language, preference]);

  return { theme, language };
}
