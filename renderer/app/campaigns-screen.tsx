// All campaigns in the middle, a new one on the right.
import { useTranslation } from 'react-i18next';
import { CampaignForm } from '../features/campaigns/components/campaign-form.tsx';
import { CampaignList } from '../features/campaigns/components/campaign-list.tsx';
import { goTo } from './route.ts';

export function CampaignsScreen() {
  const { t } = useTranslation();
  const open = (campaignId: string) => {
    goTo({ screen: 'campaign', campaignId });
  };
  return (
    <>
      <main className="center">
        <header className="center-header">
          <h1>{t('campaigns.title')}</h1>
        </header>
        <div className="center-body center-table">
          <CampaignList onSelect={open} />
        </div>
      </main>
      <aside className="right" aria-label={t('campaigns.new')}>
        <CampaignForm onStarted={open} />
      </aside>
    </>
  );
}
