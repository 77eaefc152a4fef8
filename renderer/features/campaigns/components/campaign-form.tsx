// A new campaign: structures, what is computed of each, with which models.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { campaignSubmissionSchema } from '../../../../contracts/campaign.ts';
import { taskTypeSchema } from '../../../../contracts/task-types.ts';
import type { TaskType } from '../../../../contracts/task-types.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import type { Draft } from '../../../lib/parameter-fields.ts';
import { useBuiltinStructures } from '../../structures/api/list-builtin-structures.ts';
import { useOpenFiles } from '../../structures/open-files.ts';
import { useModels } from '../../models/api/models.ts';
import { useUnavailableTaskTypes } from '../../submit/api/task-types.ts';
import { ParameterList } from '../../submit/components/parameter-list.tsx';
import type { ParameterListProps } from '../../submit/components/parameter-list.tsx';
import { enterParameters } from '../../submit/use-parameters.ts';
import { useStartCampaign } from '../api/campaigns.ts';
import { openedStructures } from '../opened-structures.ts';
import { ReferenceFile } from './reference-file.tsx';
import type { ReferenceValues } from '../../../../contracts/reference-table.ts';
import './campaigns.css';

const NO_REFERENCES: ReferenceValues = { rows: [], problems: [] };

export function CampaignForm({ onStarted }: { onStarted: (campaignId: string) => void }) {
  const { t } = useTranslation();
  const files = useOpenFiles((state) => state.files);
  const models = useModels();
  const start = useStartCampaign();
  const [name, setName] = useState('');
  const [builtin, setBuiltin] = useState<ReadonlySet<string>>(new Set());
  const [types, setTypes] = useState<ReadonlySet<TaskType>>(new Set(['optimization']));
  const [unwanted, setUnwanted] = useState<ReadonlySet<string>>(new Set());
  const [wantsD3, setWantsD3] = useState(false);
  const [drafts, setDrafts] = useState<Partial<Record<TaskType, Draft>>>({});
  const [references, setReferences] = useState(NO_REFERENCES);

  const opened = openedStructures(files);
  const structures = [
    ...opened,
    ...[...builtin].map((structure) => ({
      name: structure,
      structure: { source: 'builtin' as const, name: structure },
    })),
  ];
  const available = (models.data ?? []).filter(({ is_available }) => is_available);
  const chosen = available.filter(({ id }) => !unwanted.has(id));
  const canHaveD3 = chosen.length > 0 && chosen.every(({ d3_available }) => d3_available);
  const with_d3 = wantsD3 && canHaveD3;
  const entered = taskTypeSchema.options
    .filter((type) => types.has(type))
    .map((type) =>
      enterParameters(
        type,
        drafts[type],
        chosen.map((model) => ({ model, withD3: with_d3 })),
      ),
    );
  const chosenModels = chosen.map(({ id }) => id);
  const submission = campaignSubmissionSchema.safeParse({
    name,
    structures,
    tasks: entered.map(({ taskType, parameters }) => ({ task_type: taskType, parameters })),
    models: chosenModels,
    with_d3,
    reference: references.rows,
  });
  const isReading = files.some(({ state }) => state === 'reading');

  return (
    <form
      className="submit-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!submission.success) return;
        start.mutate(submission.data, {
          onSuccess: ({ campaign_id }) => {
            onStarted(campaign_id);
          },
        });
      }}
    >
      <h2>{t('campaigns.new')}</h2>
      <div className="submit-scroll">
        <div className="parameter">
          <label htmlFor="campaign-name">{t('campaigns.name')}</label>
          <div className="parameter-input">
            <input
              id="campaign-name"
              type="text"
              autoComplete="off"
              maxLength={200}
              value={name}
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
          </div>
        </div>
        <h3>{t('campaigns.structures')}</h3>
        <p className="submit-help">
          {files.length === 0 ? t('campaigns.dropHint') : t('campaigns.opened', { count: files.length })}
        </p>
        <BuiltinChoice chosen={builtin} onChange={setBuiltin} />
        <h3>{t('campaigns.tasks')}</h3>
        <TaskTypes
          chosen={types}
          onChange={setTypes}
          parametersOf={(type) => {
            const parameters = entered.find(({ taskType }) => taskType === type);
            return (
              parameters !== undefined && (
                <CampaignParameters
                  entered={parameters}
                  hasSeveralModels={chosen.length > 1}
                  onChange={(path, value) => {
                    setDrafts((current) => ({ ...current, [type]: { ...current[type], [path]: value } }));
                  }}
                />
              )
            );
          }}
        />
        <h3>{t('campaigns.models')}</h3>
        <div className="campaign-choice">
          {available.map(({ id, name: title }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={!unwanted.has(id)}
                onChange={() => {
                  setUnwanted(toggled(unwanted, id));
                }}
              />
              {title}
            </label>
          ))}
        </div>
        {canHaveD3 && (
          <div className="campaign-choice">
            <label title={t('submit.d3Help')}>
              <input
                type="checkbox"
                checked={wantsD3}
                onChange={(event) => {
                  setWantsD3(event.target.checked);
                }}
              />
              {t('submit.d3')}
            </label>
          </div>
        )}
        <h3>{t('campaigns.reference')}</h3>
        <ReferenceFile references={references} onRead={setReferences} />
      </div>
      <div className="submit-footer">
        {start.isError && <FailureNotice title={t('submit.failed')} error={start.error} />}
        {structures.length === 0 && <EmptyNotice>{t('campaigns.noStructures')}</EmptyNotice>}
        <Button
          type="submit"
          look="primary"
          icon="play"
          disabled={!submission.success || isReading || start.isPending}
          title={submission.error?.issues[0]?.message}
        >
          {t('campaigns.start', { count: structures.length * entered.length * chosenModels.length })}
        </Button>
      </div>
    </form>
  );
}

/** What people look at before they start, and the options that every chosen model has. */
function CampaignParameters({
  hasSeveralModels,
  ...list
}: Omit<ParameterListProps, 'group'> & { hasSeveralModels: boolean }) {
  const { t } = useTranslation();
  const hasOptions = list.entered.fields.some(({ path }) => path.includes('.'));
  return (
    <>
      <ParameterList {...list} group="everyday" />
      {hasOptions && <h4>{t('submit.modelOptions')}</h4>}
      <ParameterList {...list} group="model" />
      {hasSeveralModels && <p className="submit-help">{t('campaigns.sharedOptions')}</p>}
    </>
  );
}

function BuiltinChoice({
  chosen,
  onChange,
}: {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}) {
  const { t } = useTranslation();
  const builtin = useBuiltinStructures();
  const names = (builtin.data ?? []).map(({ name }) => name);
  const hasAll = names.length > 0 && names.every((name) => chosen.has(name));
  return (
    <div className="campaign-structures">
      <label>
        <input
          type="checkbox"
          checked={hasAll}
          onChange={() => {
            onChange(hasAll ? new Set() : new Set(names));
          }}
        />
        <strong>{t('campaigns.allBuiltin', { count: names.length })}</strong>
      </label>
      {builtin.data?.map(({ name, n_atoms }) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={chosen.has(name)}
            onChange={() => {
              onChange(toggled(chosen, name));
            }}
          />
          {name}
          <span className="unit">{n_atoms}</span>
        </label>
      ))}
    </div>
  );
}

function TaskTypes({
  chosen,
  onChange,
  parametersOf,
}: {
  chosen: ReadonlySet<TaskType>;
  onChange: (chosen: ReadonlySet<TaskType>) => void;
  parametersOf: (type: TaskType) => React.ReactNode;
}) {
  const { t } = useTranslation();
  const unavailable = useUnavailableTaskTypes();
  return (
    <div className="campaign-choice">
      {taskTypeSchema.options.map((type) => (
        <div key={type}>
          <label title={unavailable.get(type)}>
            <input
              type="checkbox"
              checked={chosen.has(type)}
              disabled={unavailable.has(type)}
              onChange={() => {
                onChange(toggled(chosen, type));
              }}
            />
            {t(`taskTypes.${type}`)}
          </label>
          {chosen.has(type) && (
            <details>
              <summary>
                <Icon name="chevron" />
                {t('submit.parameters')}
              </summary>
              {parametersOf(type)}
            </details>
          )}
        </div>
      ))}
    </div>
  );
}

function toggled<T>(chosen: ReadonlySet<T>, entry: T): ReadonlySet<T> {
  const next = new Set(chosen);
  if (!next.delete(entry)) next.add(entry);
  return next;
}
