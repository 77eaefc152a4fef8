// One row per structure, task and model: what became of it, and its key figures.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign, CampaignRow } from '../../../../contracts/campaign.ts';
import { FIGURES } from '../../../../contracts/key-figures.ts';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import { formatNumber } from '../../../lib/format.ts';
import { isRunning, useCampaignTable } from '../api/campaigns.ts';
import { Pages } from './campaign-list.tsx';

const DIGITS = 4;

export function CampaignTable({ campaign, onSelect }: { campaign: Campaign; onSelect: (taskId: string) => void }) {
  const { t, i18n } = useTranslation();
  const [page, setPage] = useState(1);
  const table = useCampaignTable(campaign.campaign_id, page, isRunning(campaign.status));
  if (table.isPending) return <p className="center-loading">{t('app.loading')}</p>;
  if (table.isError) return <FailureNotice error={table.error} onRetry={() => void table.refetch()} />;
  const { columns, rows, pagination } = table.data;
  const language = i18n.language.startsWith('zh') ? 'zh' : 'en';
  const isOneModel = campaign.models.length === 1;
  const isOneTask = campaign.tasks.length === 1;
  return (
    <>
      <table className="plain-table campaign-table">
        <thead>
          <tr>
            <th scope="col">{t('openedFiles.structure')}</th>
            {!isOneTask && <th scope="col">{t('campaigns.task')}</th>}
            {!isOneModel && <th scope="col">{t('submit.model')}</th>}
            <th scope="col">{t('tasks.filter')}</th>
            {columns.map(({ name, unit }) => (
              <th key={name} scope="col" title={name}>
                {FIGURES.get(name)?.title[language] ?? name} <span className="unit">{unit}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.structure_name} ${row.task} ${row.model}`} data-status={row.status}>
              <th scope="row">
                <StructureName row={row} onSelect={onSelect} />
              </th>
              {!isOneTask && <td>{row.task}</td>}
              {!isOneModel && <td>{row.model}</td>}
              <td title={[row.reason, ...row.warnings].filter((text) => text !== null).join('\n')}>
                {row.reason !== null && <Icon name="warning" />}
                {t(`campaigns.cell.${row.status}`)}
              </td>
              {columns.map(({ name }) => (
                <td key={name}>
                  <Figure value={row.figures[name]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <Pages page={page} total={pagination.total_pages} onChange={setPage} />
    </>
  );
}

function StructureName({ row, onSelect }: { row: CampaignRow; onSelect: (taskId: string) => void }) {
  const { task_id: taskId, structure_name: name } = row;
  if (taskId === null || row.status === 'DELETED') return name;
  return (
    <button
      type="button"
      className="link-button"
      onClick={() => {
        onSelect(taskId);
      }}
    >
      {name}
    </button>
  );
}

function Figure({ value }: { value: number | boolean | null | undefined }) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return <Icon name={value ? 'check' : 'close'} />;
  return Number.isInteger(value) ? String(value) : formatNumber(value, DIGITS);
}
