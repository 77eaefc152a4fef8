// Keys for scripts, webhooks, and where the API is described.
import { useTranslation } from 'react-i18next';
import { API_ROOT } from '../api/client.ts';
import { DeliverySection } from '../features/settings/components/delivery-section.tsx';
import { KeySection } from '../features/settings/components/key-section.tsx';
import './settings-screen.css';

export function SettingsScreen() {
  const { t } = useTranslation();
  const address = `${window.location.origin}${API_ROOT}`;
  return (
    <main className="settings">
      <div className="settings-column">
        <h1>{t('settings.title')}</h1>
        <section className="settings-section" aria-label={t('settings.api.title')}>
          <h2>{t('settings.api.title')}</h2>
          <p>{t('settings.api.text')}</p>
          <p>
            <code>{address}</code>
          </p>
          <p>
            <a href={`${API_ROOT}/docs`} target="_blank" rel="noreferrer">
              {t('settings.api.docs')}
            </a>
          </p>
        </section>
        <KeySection />
        <DeliverySection />
      </div>
    </main>
  );
}
