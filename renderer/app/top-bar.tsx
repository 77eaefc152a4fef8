import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../components/button.tsx';
import { AlertBell } from '../features/devices/alert-bell.tsx';
import { DeviceChip } from '../features/devices/device-chip.tsx';
import type { Language } from '../locales/i18n.ts';
import { usePreferences } from './preferences.ts';
import type { Theme } from './preferences.ts';
import { Brand } from './brand.tsx';
import { goTo } from './route.ts';

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_ICON = { system: 'auto', light: 'sun', dark: 'moon' } as const;

export function TopBar({ language }: { language: Language }) {
  const { t } = useTranslation();
  const { theme, setTheme, setLanguage } = usePreferences();
  return (
    <header className="top-bar">
      <a className="top-brand" href="#/">
        <Brand />
        {t('app.name')}
      </a>
      <DeviceChip />
      <AlertBell />
      <div className="top-actions">
        <Button
          look="quiet"
          onClick={() => {
            goTo({ screen: 'campaigns' });
          }}
        >
          {t('campaigns.title')}
        </Button>
        <Button
          look="quiet"
          onClick={() => {
            goTo({ screen: 'models' });
          }}
        >
          {t('models.title')}
        </Button>
        <Button
          look="quiet"
          lang={language === 'zh' ? 'en' : 'zh-CN'}
          aria-label={`${t('app.language')}: ${t('app.switchLanguage')}`}
          onClick={() => {
            setLanguage(language === 'zh' ? 'en' : 'zh');
          }}
        >
          {t('app.switchLanguage')}
        </Button>
        <IconButton
          icon="gear"
          label={t('settings.title')}
          onClick={() => {
            goTo({ screen: 'settings' });
          }}
        />
        <IconButton
          icon={THEME_ICON[theme]}
          label={`${t('app.theme.label')}: ${t(`app.theme.${theme}`)}`}
          onClick={() => {
            setTheme(NEXT_THEME[theme]);
          }}
        />
      </div>
    </header>
  );
}
