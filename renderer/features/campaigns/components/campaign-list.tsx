// Campaigns, newest first, and how far each is.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { useCampaigns } from '../api/campaigns.ts';
import './campaigns.css';

export function CampaignList({ onSelect }: { onSelect: (campaignId: string) => void }) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const list = useCampaigns(page);
  if (list.isPending) return <p className="center-loading">{t('app.loading')}</p>;
  if (list.isError) return <FailureNotice error={list.error} onRetry={() => void list.refetch()} />;
  const { campaigns, pagination } = list.data;
  if (campaigns.length === 0) return <EmptyNotice>{t('campaigns.none')}</EmptyNotice>;
  return (
    <>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{t('campaigns.name')}</th>
            <th scope="col">{t('campaigns.status.title')}</th>
            <th scope="col">{t('campaigns.structures')}</th>
            <th scope="col">{t('campaigns.progress')}</th>
          </tr>
        </thead>
        <tbody>
          {campaigns.map(({ campaign_id, name, status, n_structures, progress }) => (
            <tr key={campaign_id}>
              <th scope="row">
                <button
                  type="button"
                  className="link-button"
                  onClick={() => {
                    onSelect(campaign_id);
                  }}
                >
                  {name}
                </button>
              </th>
              <td>{t(`campaigns.status.${status}`)}</td>
              <td>{n_structures}</td>
              <td>
                <ProgressBar percent={progress} label={t('campaigns.progress')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Pages page={page} total={pagination.total_pages} onChange={setPage} />
    </>
  );
}

export function Pages({ page, total, onChange }: { page: number; total: number; onChange: (page: number) => void }) {
  const { t } = useTranslation();
  if (total <= 1) return null;
  return (
    <div className="campaign-pages">
      <Button
        look="quiet"
        disabled={page <= 1}
        onClick={() => {
          onChange(page - 1);
        }}
      >
        {t('campaigns.previous')}
      </Button>
      <span>
        {page} / {total}
      </span>
      <Button
        look="quiet"
        disabled={page >= total}
        onClick={() => {
          onChange(page + 1);
        }}
      >
        {t('campaigns.next')}
      </Button>
    </div>
  );
}
