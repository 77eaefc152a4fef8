// Shown only while something is wrong with the machine.
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../components/icon.tsx';
import { formatMoment } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { useActiveAlerts } from './active-alerts.ts';

const MINUTE_MS = 60_000;

export function AlertBell() {
  const { t, i18n } = useTranslation();
  const panelId = useId();
  const alerts = useActiveAlerts();
  const now = useNow(true, MINUTE_MS);
  if (alerts.data === undefined || alerts.data.length === 0) return null;
  return (
    <>
      <button type="button" className="device-chip alert-bell" popoverTarget={panelId}>
        <Icon name="bell" />
        {t('alerts.count', { count: alerts.data.length })}
      </button>
      <div id={panelId} popover="auto" className="device-panel alert-panel" aria-label={t('alerts.title')}>
        <h3>{t('alerts.title')}</h3>
        <ul>
          {alerts.data.map(({ alert_id, rule, message, severity, fired_at }) => (
            <li key={alert_id} data-severity={severity}>
              <strong>{t(`alerts.rule.${rule}`)}</strong>
              <span>{message}</span>
              <span>{formatMoment(fired_at, now, i18n.language)}</span>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
