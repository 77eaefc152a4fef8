// Webhooks: what was sent where, and whether it arrived.
import { useTranslation } from 'react-i18next';
import type { WebhookDelivery } from '../../../../contracts/webhook.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { formatMoment } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { useDeliveries, useRedeliver } from '../api/deliveries.ts';

const MINUTE_MS = 60_000;

export function DeliverySection() {
  const { t } = useTranslation();
  const deliveries = useDeliveries();
  return (
    <section className="settings-section" aria-label={t('settings.webhooks.title')}>
      <h2>{t('settings.webhooks.title')}</h2>
      <p>{t('settings.webhooks.text')}</p>
      {deliveries.isPending && <EmptyNotice>{t('app.loading')}</EmptyNotice>}
      {deliveries.isError && <FailureNotice error={deliveries.error} onRetry={() => void deliveries.refetch()} />}
      {deliveries.isSuccess && deliveries.data.length === 0 && <EmptyNotice>{t('settings.webhooks.none')}</EmptyNotice>}
      {deliveries.isSuccess && deliveries.data.length > 0 && <DeliveryTable deliveries={deliveries.data} />}
    </section>
  );
}

function DeliveryTable({ deliveries }: { deliveries: readonly WebhookDelivery[] }) {
  const { t, i18n } = useTranslation();
  const redeliver = useRedeliver();
  const now = useNow(true, MINUTE_MS);
  return (
    <>
      <table className="plain-table settings-table">
        <thead>
          <tr>
            <th scope="col">{t('settings.webhooks.event')}</th>
            <th scope="col">{t('settings.webhooks.target')}</th>
            <th scope="col">{t('settings.webhooks.when')}</th>
            <th scope="col">{t('settings.webhooks.state')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <tr key={delivery.delivery_id}>
              <td>{delivery.event}</td>
              <td title={delivery.url}>{delivery.url}</td>
              <td>{formatMoment(delivery.created_at, now, i18n.language)}</td>
              <td title={lastAnswer(delivery)}>{t(`settings.webhooks.states.${delivery.status}`)}</td>
              <td>
                <Button
                  disabled={delivery.status === 'pending' || redeliver.isPending}
                  onClick={() => {
                    redeliver.mutate(delivery.delivery_id);
                  }}
                >
                  {t('settings.webhooks.again')}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {redeliver.isError && <FailureNotice error={redeliver.error} />}
    </>
  );
}

function lastAnswer({ attempts }: WebhookDelivery): string | undefined {
  const last = attempts.at(-1);
  if (last === undefined) return undefined;
  return last.error ?? (last.http_status === null ? undefined : `HTTP ${last.http_status}`);
}
