// One line per structure and model: for each task what became of it, and its key figures.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Campaign, CampaignRow } from '../../../../contracts/campaign.ts';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import { formatNumber } from '../../../lib/format.ts';
import { useCampaignTable } from '../api/campaigns.ts';
import { figureTitle, shownUnit } from '../figure-title.ts';
import { mergeRows } from '../merge-rows.ts';
import type { CampaignLine } from '../merge-rows.ts';
import { Pages } from './campaign-list.tsx';

const DIGITS = 4;

interface TaskColumns {
  readonly label: string;
  readonly figures: readonly { readonly name: string; readonly unit: string }[];
}

interface CampaignTableProps {
  campaign: Campaign;
  onSelect: (taskId: string) => void;
}

export function CampaignTable({ campaign, onSelect }: CampaignTableProps) {
  const { t, i18n } = useTranslation();
  const [page, setPage] = useState(1);
  const table = useCampaignTable(campaign, page);
  if (table.isPending) return <p className="center-loading">{t('app.loading')}</p>;
  if (table.isError) return <FailureNotice error={table.error} onRetry={() => void table.refetch()} />;
  const { columns, rows, pagination } = table.data;
  const tasks = campaign.tasks.map(({ label, task_type }): TaskColumns => ({
    label,
    figures: columns.filter(({ task_types }) => task_types.includes(task_type)),
  }));
  const hasModels = campaign.models.length > 1;
  return (
    <>
      <table className="plain-table campaign-table">
        <thead>
          {tasks.length > 1 && (
            <tr>
              <td colSpan={hasModels ? 2 : 1} />
              {tasks.map(({ label, figures }) => (
                <th key={label} scope="colgroup" colSpan={1 + figures.length}>
                  {label}
                </th>
              ))}
            </tr>
          )}
          <tr>
            <th scope="col">{t('openedFiles.structure')}</th>
            {hasModels && <th scope="col">{t('submit.model')}</th>}
            {tasks.flatMap(({ label, figures }) => [
              <th key={label} scope="col" className="campaign-task-start">
                {t('tasks.filter')}
              </th>,
              ...figures.map(({ name, unit }) => (
                <th key={`${label} ${name}`} scope="col" title={name}>
                  {figureTitle(name, i18n.language)} <span className="unit">{shownUnit(unit)}</span>
                </th>
              )),
            ])}
          </tr>
        </thead>
        <tbody>
          {mergeRows(rows).map((line) => (
            <Line
              key={`${line.structure_name} ${line.model}`}
              line={line}
              tasks={tasks}
              hasModels={hasModels}
              onSelect={onSelect}
            />
          ))}
        </tbody>
      </table>
      <Pages page={page} total={pagination.total_pages} onChange={setPage} />
    </>
  );
}

interface LineProps {
  line: CampaignLine;
  tasks: readonly TaskColumns[];
  hasModels: boolean;
  onSelect: (taskId: string) => void;
}

function Line({ line, tasks, hasModels, onSelect }: LineProps) {
  return (
    <tr>
      <th scope="row">{line.structure_name}</th>
      {hasModels && <td>{line.model}</td>}
      {tasks.flatMap(({ label, figures }) => {
        const row = line.cells.get(label);
        return [
          <td key={label} className="campaign-task-start">
            {row !== undefined && <CellState row={row} onSelect={onSelect} />}
          </td>,
          ...figures.map(({ name }) => (
            <td key={`${label} ${name}`}>
              <Figure value={row?.figures[name]} />
            </td>
          )),
        ];
      })}
    </tr>
  );
}

function CellState({ row, onSelect }: { row: CampaignRow; onSelect: (taskId: string) => void }) {
  const { t } = useTranslation();
  const { task_id: taskId, status, reason, warnings } = row;
  const why = [...(reason === null ? [] : [reason]), ...warnings].join('\n');
  const content = (
    <>
      {reason !== null && <Icon name="warning" />}
      {t(`campaigns.cell.${status}`)}
    </>
  );
  if (taskId === null || status === 'DELETED') return <span title={why}>{content}</span>;
  return (
    <button
      type="button"
      className="link-button"
      title={why}
      data-status={status}
      onClick={() => {
        onSelect(taskId);
      }}
    >
      {content}
    </button>
  );
}

function Figure({ value }: { value: number | boolean | null | undefined }) {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return <Icon name={value ? 'check' : 'close'} />;
  return Number.isInteger(value) ? String(value) : formatNumber(value, DIGITS);
}
