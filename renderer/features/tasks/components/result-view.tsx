// The figures of a completed task. Every row takes name, unit and decimals from the table of quantities.
import { useTranslation } from 'react-i18next';
import type { Task } from '../../../../contracts/task.ts';
import { TASK_TYPES } from '../../../../contracts/task-types.ts';
import type { OptimizationResult } from '../../../../contracts/results/optimization.ts';
import type { SinglePointEnergyResult } from '../../../../contracts/results/single-point-energy.ts';
import type { CellParameters } from '../../../../contracts/structure.ts';
import type { TaskStatus } from '../../../../contracts/task-status.ts';
import { isFinalStatus } from '../../../../contracts/task-status.ts';
import { EmptyNotice } from '../../../components/empty-notice.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Icon } from '../../../components/icon.tsx';
import { QuantityValue } from '../../../components/quantity-value.tsx';
import { formatNumber } from '../../../lib/format.ts';
import { isQuantity } from '../../../lib/quantities.ts';
import type { QuantityName } from '../../../lib/quantities.ts';
import { useTaskResult } from '../api/tasks.ts';
import './result-view.css';

type Row = readonly [QuantityName, number];

export function ResultView({ task, status }: { task: Task; status: TaskStatus }) {
  const { t } = useTranslation();
  const isReady = status === 'COMPLETED';
  const result = useTaskResult(task.task_id, isReady);
  if (!isReady) return <EmptyNotice>{isFinalStatus(status) ? t('result.absent') : t('result.pending')}</EmptyNotice>;
  if (result.isPending) return <EmptyNotice>{t('app.loading')}</EmptyNotice>;
  if (result.isError) return <FailureNotice error={result.error} onRetry={() => void result.refetch()} />;
  switch (task.task_type) {
    case 'optimization': {
      const parsed = TASK_TYPES.optimization.result.safeParse(result.data.result);
      return parsed.success ? <OptimizationView result={parsed.data} /> : <FailureNotice error={parsed.error} />;
    }
    case 'single-point-energy': {
      const parsed = TASK_TYPES['single-point-energy'].result.safeParse(result.data.result);
      return parsed.success ? <SinglePointView result={parsed.data} /> : <FailureNotice error={parsed.error} />;
    }
    case 'stability':
    case 'bulk-modulus':
    case 'heat-capacity':
    case 'interaction-energy':
      return <FiguresView result={result.data.result} />;
  }
}

/** Every single number of a result, named as the API names it. */
function FiguresView({ result }: { result: Readonly<Record<string, unknown>> }) {
  const figures = Object.entries(result).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return (
    <div className="result-view">
      <table className="result-table">
        <tbody>
          {figures.map(([name, value]) => (
            <tr key={name} data-quantity={name}>
              <th scope="row">{name}</th>
              <td>{isQuantity(name) ? <QuantityValue name={name} value={value} /> : formatNumber(value, 4)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function OptimizationView({ result }: { result: OptimizationResult }) {
  const { t } = useTranslation();
  const rows: Row[] = [
    ['steps', result.steps],
    ['final_energy_eV', result.final_energy_eV],
    ['initial_energy_eV', result.initial_energy_eV],
    ['max_force_eV_A', result.max_force_eV_A],
    ['rmsd_from_initial', result.rmsd_from_initial],
  ];
  if (result.final_volume_A3 !== null) rows.push(['final_volume_A3', result.final_volume_A3]);
  if (result.volume_change_percent !== null) rows.push(['volume_change_percent', result.volume_change_percent]);
  return (
    <div className="result-view">
      {!result.converged && (
        <div className="notice notice-warning" role="status">
          <Icon name="warning" />
          <div className="notice-body">
            <strong>{t('tasks.notConverged')}</strong>
            <p>{t('tasks.notConvergedText')}</p>
          </div>
        </div>
      )}
      <Rows rows={rows} />
      {result.cell_parameters !== null && <CellRow cell={result.cell_parameters} />}
      {result.stress_GPa !== null && <StressRow stress={result.stress_GPa} />}
      <Components components={result.energy_components_eV} />
      <Warnings warnings={result.warnings} />
    </div>
  );
}

function SinglePointView({ result }: { result: SinglePointEnergyResult }) {
  const rows: Row[] = [
    ['energy_eV', result.energy_eV],
    ['energy_per_atom_eV', result.energy_per_atom_eV],
    ['n_atoms', result.n_atoms],
  ];
  if (result.max_force_eV_A !== undefined) rows.push(['max_force_eV_A', result.max_force_eV_A]);
  const [xx, yy, zz] = result.stress_GPa ?? [];
  return (
    <div className="result-view">
      <Rows rows={rows} />
      {xx !== undefined && yy !== undefined && zz !== undefined && (
        <StressRow stress={[xx[0], yy[1], zz[2], yy[2], xx[2], xx[1]]} />
      )}
      <Components components={result.energy_components_eV} />
      <Warnings warnings={result.warnings} />
    </div>
  );
}

function Rows({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation();
  return (
    <table className="result-table">
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name} data-quantity={name}>
            <th scope="row">{quantityText(name)}</th>
            <td>
              <QuantityValue name={name} value={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );

  function quantityText(name: QuantityName): string {
    return t(`quantity.${name as 'energy_eV'}`);
  }
}

function CellRow({ cell }: { cell: CellParameters }) {
  const { t } = useTranslation();
  return (
    <section className="result-section">
      <h4>{t('result.cell')}</h4>
      <p className="result-cell">
        {[cell.a, cell.b, cell.c].map((length) => formatNumber(length, 4)).join('  ')} <span className="unit">Å</span>
        <br />
        {[cell.alpha, cell.beta, cell.gamma].map((angle) => formatNumber(angle, 3)).join('  ')}
        <span className="unit"> °</span>
      </p>
    </section>
  );
}

const VOIGT = ['xx', 'yy', 'zz', 'yz', 'xz', 'xy'] as const;

function StressRow({ stress }: { stress: readonly number[] }) {
  const { t } = useTranslation();
  return (
    <section className="result-section">
      <h4>
        {t('quantity.stress_GPa')} <span className="unit">GPa</span>
      </h4>
      <dl className="result-grid">
        {VOIGT.map((component, i) => (
          <div key={component}>
            <dt>{component}</dt>
            <dd>{formatNumber(stress[i] ?? Number.NaN, 4)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Components({ components }: { components: Readonly<Record<string, number>> }) {
  const { t } = useTranslation();
  const entries = Object.entries(components);
  if (entries.length === 0) return null;
  return (
    <section className="result-section">
      <h4>
        {t('result.components')} <span className="unit">eV</span>
      </h4>
      <dl className="result-list">
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name.replaceAll('_', ' ')}</dt>
            <dd>{formatNumber(value, 4)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  const { t } = useTranslation();
  if (warnings.length === 0) return null;
  return (
    <section className="result-section">
      <h4>{t('result.warnings')}</h4>
      <ul className="result-warnings">
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </section>
  );
}
