// Some of the parameters of a task type, one under the other.
import { useTranslation } from 'react-i18next';
import type { TaskType } from '../../../../contracts/task-types.ts';
import type { NumberRange, ParameterField } from '../../../lib/parameter-fields.ts';
import type { EnteredParameters } from '../use-parameters.ts';
import { ParameterInput } from './parameter-input.tsx';

/** `everyday`: what people look at before they start; `further`: the rest; `model`: options of the model. */
export type ParameterGroup = 'everyday' | 'further' | 'model';

const EVERYDAY: Readonly<Record<TaskType, readonly string[]>> = {
  optimization: ['fmax', 'max_steps', 'optimizer', 'relax_cell'],
  stability: ['temperature_k', 'timestep_fs', 'total_steps', 'equilibration_steps', 'ensemble', 'supercell'],
  'bulk-modulus': ['strain_range', 'num_points', 'fitting_method'],
  'heat-capacity': ['temperature_range', 'temperature_step', 'method', 'supercell'],
  'interaction-energy': ['adsorbate', 'grid_spacing', 'temperature_k', 'n_insertions'],
  'single-point-energy': ['compute_forces', 'compute_stress'],
};

export interface ParameterListProps {
  entered: EnteredParameters;
  group: ParameterGroup;
  /** `path` is a field's, or that of a component of a vector. */
  onChange: (path: string, value: string | boolean) => void;
}

export function ParameterList({ entered, group, onChange }: ParameterListProps) {
  const { t } = useTranslation();
  const { taskType, fields, draft, problems } = entered;
  return fields
    .filter((field) => groupOf(taskType, field) === group)
    .map((field) => (
      <ParameterInput
        key={`${taskType}.${field.path}`}
        field={field}
        draft={draft}
        problem={problemText(field)}
        onChange={onChange}
      />
    ));

  function problemText(field: ParameterField): string | null {
    const inside = [...problems.keys()].find((path) => path === field.path || path.startsWith(`${field.path}.`));
    const problem = inside === undefined ? undefined : problems.get(inside);
    if (problem === undefined) return null;
    const [first] = field.kind === 'vector' ? field.components : [];
    return rangeProblem(problem, field.kind === 'number' ? field : first);
  }

  function rangeProblem(problem: string, field: NumberRange | undefined): string {
    if (field === undefined) return t('submit.invalid.other');
    if (problem === 'too_small' && field.minimum !== null)
      return t('submit.invalid.minimum', { minimum: field.minimum });
    if (problem === 'too_big' && field.maximum !== null) return t('submit.invalid.maximum', { maximum: field.maximum });
    if (problem !== 'invalid_type') return t('submit.invalid.other');
    return field.isInteger ? t('submit.invalid.integer') : t('submit.invalid.number');
  }
}

function groupOf(taskType: TaskType, { path }: ParameterField): ParameterGroup {
  if (path.includes('.')) return 'model';
  return EVERYDAY[taskType].includes(path) ? 'everyday' : 'further';
}
