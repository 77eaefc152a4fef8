// A campaign at a glance: how far it is, what can be done with it, and how its figures compare with the reference.
import { useMemo, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Campaign, CampaignScore } from '../../../../contracts/campaign.ts';
import { Button } from '../../../components/button.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { ProgressBar } from '../../../components/progress-bar.tsx';
import { formatDuration, formatNumber } from '../../../lib/format.ts';
import { XyPlot } from '../../../components/plots/xy-plot.tsx';
import { DataTable, Section } from '../../../components/result-parts.tsx';
import {
  downloadTable,
  isRunning,
  useCampaignScores,
  useCancelCampaign,
  useDeleteCampaign,
  useRetryFailed,
} from '../api/campaigns.ts';
import { failedCells } from '../failed-cells.ts';
import { figureTitle, shownUnit } from '../figure-title.ts';

interface CampaignPanelProps {
  campaign: Campaign;
  theme: 'light' | 'dark';
  onDeleted: () => void;
}

export function CampaignPanel({ campaign, theme, onDeleted }: CampaignPanelProps) {
  const { t } = useTranslation();
  const { counts, progress, estimated_remaining_seconds: remaining, waits_for } = campaign;
  return (
    <div className="campaign-panel">
      <ProgressBar percent={progress} label={t('campaigns.progress')} />
      <div className="campaign-counts">
        <strong>{t(`campaigns.status.${campaign.status}`)}</strong>
        {Object.entries(counts).map(([status, count]) =>
          count === 0 ? null : (
            <span key={status}>
              {t(`campaigns.cell.${status as 'COMPLETED'}`)} {count}
            </span>
          ),
        )}
        {isRunning(campaign.status) && remaining !== null && (
          <span>{t('tasks.endsIn', { time: formatDuration(remaining) })}</span>
        )}
      </div>
      {waits_for !== null && <p className="result-note">{waits_for}</p>}
      {campaign.status !== 'DELETING' && <Actions campaign={campaign} onDeleted={onDeleted} />}
      {campaign.n_references > 0 && <Scores campaign={campaign} theme={theme} />}
    </div>
  );
}

function Actions({ campaign, onDeleted }: { campaign: Campaign; onDeleted: () => void }) {
  const { t } = useTranslation();
  const cancel = useCancelCampaign(campaign.campaign_id);
  const retry = useRetryFailed(campaign.campaign_id);
  const remove = useDeleteCampaign(campaign.campaign_id, onDeleted);
  const save = useMutation({ mutationFn: () => downloadTable(campaign.campaign_id, campaign.name) });
  const [asksToDelete, setAsksToDelete] = useState(false);
  const error = [cancel, retry, remove, save].find(({ isError }) => isError)?.error ?? null;
  const nFailed = failedCells(campaign.counts);
  return (
    <>
      <div className="campaign-actions">
        <Button
          icon="download"
          onClick={() => {
            save.mutate();
          }}
        >
          {t('campaigns.csv')}
        </Button>
        {isRunning(campaign.status) && (
          <Button
            icon="stop"
            look="danger"
            disabled={cancel.isPending}
            onClick={() => {
              cancel.mutate();
            }}
          >
            {t('campaigns.cancel')}
          </Button>
        )}
        {!isRunning(campaign.status) && nFailed > 0 && (
          <Button
            icon="reset"
            disabled={retry.isPending}
            onClick={() => {
              retry.mutate();
            }}
          >
            {t('campaigns.retry', { count: nFailed })}
          </Button>
        )}
        {!isRunning(campaign.status) && (
          <Button
            icon="trash"
            look={asksToDelete ? 'danger' : 'plain'}
            disabled={remove.isPending}
            onClick={() => {
              if (asksToDelete) remove.mutate();
              else setAsksToDelete(true);
            }}
          >
            {asksToDelete ? t('campaigns.deleteForGood') : t('tasks.delete')}
          </Button>
        )}
      </div>
      {error !== null && <FailureNotice error={error} />}
    </>
  );
}

function Scores({ campaign, theme }: { campaign: Campaign; theme: 'light' | 'dark' }) {
  const { t, i18n } = useTranslation();
  const scores = useCampaignScores(campaign);
  const [chosen, setChosen] = useState(0);
  if (scores.isPending) return null;
  if (scores.isError) return <FailureNotice error={scores.error} onRetry={() => void scores.refetch()} />;
  const shown = scores.data.scores[chosen];
  return (
    <Section title={t('campaigns.scores')}>
      <DataTable
        columns={[
          { title: t('campaigns.quantity') },
          { title: 'n' },
          { title: 'MAE' },
          { title: 'MAPE', unit: '%' },
          { title: t('campaigns.within') },
        ]}
        rows={scores.data.scores.map((score, i) => ({
          key: String(i),
          cells: [
            <button
              key="name"
              type="button"
              className="link-button"
              aria-pressed={i === chosen}
              onClick={() => {
                setChosen(i);
              }}
            >
              {figureTitle(score.quantity, i18n.language)}
              {campaign.models.length > 1 && ` · ${score.model}`}
              {campaign.tasks.length > 1 && ` · ${score.task}`}
            </button>,
            `${score.n}/${score.n_references}`,
            score.mae === null ? '–' : `${formatNumber(score.mae, 2)} ${shownUnit(score.unit)}`,
            score.mape_percent === null ? '–' : formatNumber(score.mape_percent, 1),
            `${score.n_within_10_percent}/${score.n_references}`,
          ],
        }))}
      />
      {shown !== undefined && shown.points.length > 0 && <ParityPlot score={shown} theme={theme} />}
      {scores.data.n_unmatched_references > 0 && (
        <p className="result-note" title={scores.data.unmatched_references.join('\n')}>
          {t('campaigns.unmatched', { count: scores.data.n_unmatched_references })}
        </p>
      )}
    </Section>
  );
}

function ParityPlot({ score, theme }: { score: CampaignScore; theme: 'light' | 'dark' }) {
  const { t, i18n } = useTranslation();
  const series = useMemo(() => {
    const references = score.points.map(({ reference }) => reference);
    const ends = [Math.min(...references), Math.max(...references)];
    return [
      { mark: 'dashed' as const, x: ends, y: ends },
      { mark: 'points' as const, x: references, y: score.points.map(({ value }) => value) },
    ];
  }, [score]);
  const unit = score.unit === '' ? '' : ` (${shownUnit(score.unit)})`;
  return (
    <XyPlot
      title={figureTitle(score.quantity, i18n.language)}
      xLabel={`${t('campaigns.reference')}${unit}`}
      yLabel={`${score.model}${unit}`}
      series={series}
      theme={theme}
    />
  );
}
