// One campaign: its table in the middle; progress, actions and scores on the right.
import { useTranslation } from 'react-i18next';
import { FailureNotice } from '../components/failure-notice.tsx';
import { useCampaign } from '../features/campaigns/api/campaigns.ts';
import { CampaignPanel } from '../features/campaigns/components/campaign-panel.tsx';
import { CampaignTable } from '../features/campaigns/components/campaign-table.tsx';
import { goTo } from './route.ts';

export function CampaignScreen({ campaignId, theme }: { campaignId: string; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const campaign = useCampaign(campaignId);
  return (
    <>
      <main className="center">
        <header className="center-header">
          <h1>{campaign.data?.name ?? t('campaigns.title')}</h1>
        </header>
        <div className="center-body center-table">
          {campaign.isPending && <p className="center-loading">{t('app.loading')}</p>}
          {campaign.isError && <FailureNotice error={campaign.error} onRetry={() => void campaign.refetch()} />}
          {campaign.data !== undefined && (
            <CampaignTable
              campaign={campaign.data}
              onSelect={(taskId) => {
                goTo({ screen: 'task', taskId });
              }}
            />
          )}
        </div>
      </main>
      <aside className="right" aria-label={t('campaigns.title')}>
        {campaign.data !== undefined && (
          <CampaignPanel
            campaign={campaign.data}
            theme={theme}
            onDeleted={() => {
              goTo({ screen: 'campaigns' });
            }}
          />
        )}
      </aside>
    </>
  );
}
