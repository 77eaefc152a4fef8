// A new task for every structure on screen: model, task type, parameters. Checked by the schema that the service uses.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../../contracts/model.ts';
import type { StructureSource, StructureSummary } from '../../../../contracts/structure.ts';
import { prioritySchema, submissionSchema } from '../../../../contracts/task.ts';
import type { Priority } from '../../../../contracts/task.ts';
import type { TaskType } from '../../../../contracts/task-types.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import type { Draft } from '../../../lib/parameter-fields.ts';
import { useModels } from '../../models/api/models.ts';
import { useSubmitTasks } from '../api/submit-task.ts';
import type { Submitted } from '../api/submit-task.ts';
import { findMisfit } from '../check-model.ts';
import type { ModelMisfit } from '../check-model.ts';
import { useParameters } from '../use-parameters.ts';
import { ParameterList } from './parameter-list.tsx';
import { TaskTypeChoice } from './task-type-choice.tsx';
import './submit-form.css';

interface SubmitFormProps {
  /** One task each; none while nothing is on screen. */
  structures: readonly { readonly source: StructureSource; readonly summary: StructureSummary }[];
  /** More are on their way: nothing is submitted before all are there. */
  isReading?: boolean;
  onSubmitted: (submitted: Submitted) => void;
}

export function SubmitForm({ structures, isReading = false, onSubmitted }: SubmitFormProps) {
  const { t } = useTranslation();
  const models = useModels();
  const submit = useSubmitTasks();
  const [taskType, setTaskType] = useState<TaskType>('optimization');
  const [modelId, setModelId] = useState<string | null>(null);
  const [wantsD3, setWantsD3] = useState(false);
  const [priority, setPriority] = useState<Priority>('NORMAL');
  const [name, setName] = useState('');
  const [drafts, setDrafts] = useState<Partial<Record<TaskType, Draft>>>({});

  const model =
    models.data?.find(({ id }) => id === modelId) ?? models.data?.find(({ is_available }) => is_available) ?? null;
  const with_d3 = wantsD3 && model?.d3_available === true;
  const entered = useParameters(taskType, drafts[taskType], { model, withD3: with_d3 });
  const misfit = model === null ? null : firstMisfit(model, structures);
  const canSubmit =
    structures.length > 0 &&
    !isReading &&
    model !== null &&
    misfit === null &&
    entered.problems.size === 0 &&
    !submit.isPending;

  return (
    <form
      className="submit-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!canSubmit) return;
        const named = name.trim() === '' ? {} : { name: name.trim() };
        const schema = submissionSchema(taskType);
        const bodies = structures.map(({ source }) =>
          schema.parse({
            model: model.id,
            structure: source,
            parameters: entered.parameters,
            with_d3,
            priority,
            ...named,
          }),
        );
        submit.mutate({ taskType, bodies }, { onSuccess: onSubmitted });
      }}
    >
      <h2>{t('submit.title')}</h2>
      <div className="submit-scroll">
        <TaskTypeChoice value={taskType} onChange={setTaskType} />
        <p className="submit-help">{t(`taskTypesHelp.${taskType}`)}</p>
        <ModelChoice models={models} model={model} onChange={setModelId} />
        {model?.d3_available === true && (
          <div className="parameter">
            <label htmlFor="submit-d3" title={t('submit.d3Help')}>
              {t('submit.d3')}
            </label>
            <div className="parameter-input">
              <input
                id="submit-d3"
                type="checkbox"
                role="switch"
                checked={wantsD3}
                onChange={(event) => {
                  setWantsD3(event.target.checked);
                }}
              />
            </div>
          </div>
        )}
        {misfit !== null && model !== null && (
          <p className="parameter-problem" role="alert">
            <Icon name="warning" />
            {misfit.reason === 'unsupported'
              ? t('submit.unsupported', { model: model.name, elements: misfit.elements.join(', ') })
              : t('submit.tooMany', { model: model.name, max: misfit.max, count: misfit.count })}
          </p>
        )}
        <fieldset className="submit-parameters">
          <legend>{t('submit.parameters')}</legend>
          <ParameterList entered={entered} group="everyday" onChange={changeParameter} />
        </fieldset>
        <details>
          <summary>
            <Icon name="chevron" />
            {t('submit.advanced')}
          </summary>
          <ParameterList entered={entered} group="further" onChange={changeParameter} />
          <div className="parameter">
            <label htmlFor="submit-priority">{t('submit.priority')}</label>
            <div className="parameter-input">
              <select
                id="submit-priority"
                value={priority}
                onChange={(event) => {
                  setPriority(prioritySchema.parse(event.target.value));
                }}
              >
                {prioritySchema.options.map((value) => (
                  <option key={value} value={value}>
                    {t(`priorities.${value}`)}
                  </option>
                ))}
              </select>
            </div>
          </div>
          <div className="parameter">
            <label htmlFor="submit-name">{t('submit.name')}</label>
            <div className="parameter-input">
              <input
                id="submit-name"
                type="text"
                autoComplete="off"
                maxLength={200}
                value={name}
                placeholder={t('submit.namePlaceholder')}
                onChange={(event) => {
                  setName(event.target.value);
                }}
              />
            </div>
          </div>
          {entered.fields.some(({ path }) => path.includes('.')) && <h3>{t('submit.modelOptions')}</h3>}
          <ParameterList entered={entered} group="model" onChange={changeParameter} />
        </details>
      </div>
      <div className="submit-footer">
        {submit.isError && (
          <FailureNotice
            title={t('submit.failed')}
            error={submit.error}
            onDismiss={() => {
              submit.reset();
            }}
          />
        )}
        {structures.length === 0 && !isReading && <EmptyNotice>{t('submit.noStructure')}</EmptyNotice>}
        <Button type="submit" look="primary" icon="play" disabled={!canSubmit}>
          {startText()}
        </Button>
      </div>
    </form>
  );

  function startText(): string {
    if (submit.isPending) return t('submit.starting');
    return structures.length > 1 ? t('submit.startMany', { count: structures.length }) : t('submit.start');
  }

  function changeParameter(path: string, value: string | boolean) {
    setDrafts((current) => ({ ...current, [taskType]: { ...current[taskType], [path]: value } }));
  }
}

function firstMisfit(model: Model, structures: SubmitFormProps['structures']): ModelMisfit | null {
  for (const { summary } of structures) {
    const misfit = findMisfit(model, summary);
    if (misfit !== null) return misfit;
  }
  return null;
}

function ModelChoice({
  models,
  model,
  onChange,
}: {
  models: ReturnType<typeof useModels>;
  model: Model | null;
  onChange: (modelId: string) => void;
}) {
  const { t } = useTranslation();
  if (models.isError) return <FailureNotice error={models.error} onRetry={() => void models.refetch()} />;
  if (models.isSuccess && models.data.length === 0) return <EmptyNotice>{t('submit.noModels')}</EmptyNotice>;
  return (
    <div className="parameter model-choice">
      <label htmlFor="submit-model">{t('submit.model')}</label>
      <div className="parameter-input">
        <select
          id="submit-model"
          value={model?.id ?? ''}
          disabled={models.isPending}
          onChange={(event) => {
            onChange(event.target.value);
          }}
        >
          {models.data
            ?.filter(({ installed }) => installed)
            .map(({ id, name, is_available, unavailable_reason }) => (
              <option key={id} value={id} disabled={!is_available} title={unavailable_reason ?? undefined}>
                {name}
              </option>
            ))}
        </select>
      </div>
      <p className="submit-help" title={model?.citation}>
        {model?.description ?? ''}
      </p>
    </div>
  );
}
