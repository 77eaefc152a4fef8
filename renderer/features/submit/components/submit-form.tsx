// A new task for the structure on screen: model, task type, parameters. Checked by the schema that the service uses.
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../../contracts/model.ts';
import type { StructureSource, StructureSummary } from '../../../../contracts/structure.ts';
import { prioritySchema, submissionSchemas, TASK_TYPES, taskTypeSchema } from '../../../../contracts/task.ts';
import type { Priority, TaskType } from '../../../../contracts/task.ts';
import { Button } from '../../../components/button.tsx';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import { Segmented } from '../../../components/segmented.tsx';
import { parameterFields, parametersOf } from '../../../lib/parameter-fields.ts';
import type { Draft, ParameterField } from '../../../lib/parameter-fields.ts';
import { useModels } from '../api/models.ts';
import { useSubmitTask } from '../api/submit-task.ts';
import { findMisfit } from '../check-model.ts';
import { ParameterInput } from './parameter-input.tsx';
import './submit-form.css';

interface SubmitFormProps {
  /** null while no structure is on screen. */
  structure: { readonly source: StructureSource; readonly summary: StructureSummary } | null;
  onSubmitted: (taskId: string) => void;
}

/** Shown without unfolding; everything else is for the few who look for it. */
const EVERYDAY = new Set(['fmax', 'max_steps', 'optimizer', 'relax_cell', 'compute_forces', 'compute_stress']);

const FIELDS: Readonly<Record<TaskType, readonly ParameterField[]>> = {
  optimization: parameterFields(TASK_TYPES.optimization.parameters),
  'single-point-energy': parameterFields(TASK_TYPES['single-point-energy'].parameters),
};

export function SubmitForm({ structure, onSubmitted }: SubmitFormProps) {
  const { t } = useTranslation();
  const models = useModels();
  const submit = useSubmitTask();
  const [taskType, setTaskType] = useState<TaskType>('optimization');
  const [modelId, setModelId] = useState<string | null>(null);
  const [priority, setPriority] = useState<Priority>('NORMAL');
  const [drafts, setDrafts] = useState<Partial<Record<TaskType, Draft>>>({});

  const fields = FIELDS[taskType];
  const draft = drafts[taskType];
  const model = models.data?.find(({ id }) => id === modelId) ?? models.data?.[0] ?? null;
  const parameters = useMemo(() => parametersOf(fields, draft ?? {}), [fields, draft]);
  const problems = useMemo(() => findProblems(taskType, parameters), [taskType, parameters]);
  const misfit = model === null || structure === null ? null : findMisfit(model, structure.summary);
  const canSubmit = structure !== null && model !== null && misfit === null && problems.size === 0 && !submit.isPending;

  return (
    <form
      className="submit-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!canSubmit) return;
        const body = { model: model.id, structure: structure.source, parameters, priority };
        submit.mutate(
          { taskType, body: submissionSchemas[taskType].parse(body) },
          {
            onSuccess: ({ task_id }) => {
              onSubmitted(task_id);
            },
          },
        );
      }}
    >
      <h2>{t('submit.title')}</h2>
      <div className="submit-scroll">
        <Segmented
          label={t('submit.taskType')}
          value={taskType}
          choices={taskTypeSchema.options.map((value) => ({ value, text: t(`taskTypes.${value}`) }))}
          onChange={setTaskType}
        />
        <p className="submit-help">{t(`taskTypesHelp.${taskType}`)}</p>
        <ModelChoice models={models} model={model} onChange={setModelId} />
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
          {fields.filter(({ path }) => EVERYDAY.has(path)).map(renderField)}
        </fieldset>
        <details>
          <summary>
            <Icon name="chevron" />
            {t('submit.advanced')}
          </summary>
          {fields.filter(({ path }) => !EVERYDAY.has(path) && !path.includes('.')).map(renderField)}
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
          <h3>{t('submit.modelOptions')}</h3>
          {fields.filter(({ path }) => path.includes('.')).map(renderField)}
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
        {structure === null && <EmptyNotice>{t('submit.noStructure')}</EmptyNotice>}
        <Button type="submit" look="primary" icon="play" disabled={!canSubmit}>
          {submit.isPending ? t('submit.starting') : t('submit.start')}
        </Button>
      </div>
    </form>
  );

  function renderField(field: ParameterField) {
    return (
      <ParameterInput
        key={`${taskType}.${field.path}`}
        field={field}
        value={draft?.[field.path]}
        problem={problemText(field)}
        onChange={(value) => {
          setDrafts((current) => ({ ...current, [taskType]: { ...current[taskType], [field.path]: value } }));
        }}
      />
    );
  }

  function problemText(field: ParameterField): string | null {
    const problem = problems.get(field.path);
    if (problem === undefined) return null;
    if (field.kind !== 'number') return t('submit.invalid.other');
    if (problem === 'too_small' && field.minimum !== null)
      return t('submit.invalid.minimum', { minimum: field.minimum });
    if (problem === 'too_big' && field.maximum !== null) return t('submit.invalid.maximum', { maximum: field.maximum });
    return field.isInteger ? t('submit.invalid.integer') : t('submit.invalid.number');
  }
}

/** Path of each refused parameter and the code of its first issue. */
function findProblems(taskType: TaskType, parameters: Record<string, unknown>): ReadonlyMap<string, string> {
  const result = TASK_TYPES[taskType].parameters.safeParse(parameters);
  const problems = new Map<string, string>();
  for (const { path, code } of result.error?.issues ?? []) {
    const joined = path.join('.');
    if (!problems.has(joined)) problems.set(joined, code);
  }
  return problems;
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
          {models.data?.map(({ id, name }) => (
            <option key={id} value={id}>
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
