// What the user has chosen about the window, kept in this browser: language, theme, how structures are drawn, files opened before.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { z } from 'zod';
import { languageOf } from '../locales/i18n.ts';
import type { Language } from '../locales/i18n.ts';

export type Theme = 'system' | 'light' | 'dark';

const recentFileSchema = z.object({
  file_id: z.string(),
  filename: z.string(),
  formula: z.string(),
  n_atoms: z.number(),
});
export type RecentFile = z.infer<typeof recentFileSchema>;

const storedSchema = z.object({
  language: z.enum(['en', 'zh']).nullable(),
  theme: z.enum(['system', 'light', 'dark']),
  recent_files: z.array(recentFileSchema),
});

interface Preferences extends z.infer<typeof storedSchema> {
  setLanguage: (language: Language) => void;
  setTheme: (theme: Theme) => void;
  rememberFile: (file: RecentFile) => void;
  forgetFile: (fileId: string) => void;
}

const MAX_RECENT_FILES = 30;

export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      language: null,
      theme: 'system',
      recent_files: [],
      setLanguage: (language) => {
        set({ language });
      },
      setTheme: (theme) => {
        set({ theme });
      },
      rememberFile: (file) => {
        set(({ recent_files }) => ({
          recent_files: [file, ...recent_files.filter(({ file_id }) => file_id !== file.file_id)].slice(
            0,
            MAX_RECENT_FILES,
          ),
        }));
      },
      forgetFile: (fileId) => {
        set(({ recent_files }) => ({ recent_files: recent_files.filter(({ file_id }) => file_id !== fileId) }));
      },
    }),
    {
      name: 'mofsim.preferences',
      partialize: ({ language, theme, recent_files }) => ({ language, theme, recent_files }),
      // What another version has stored may have any shape: take it whole or not at all.
      merge: (stored, initial) => {
        const parsed = storedSchema.safeParse(stored);
        return parsed.success ? { ...initial, ...parsed.data } : initial;
      },
    },
  ),
);

export function chosenLanguage(preference: Language | null): Language {
  return preference ?? languageOf(navigator.languages);
}
