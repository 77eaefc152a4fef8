import { useTranslation } from 'react-i18next';
import type { OptimizationResult } from '../../../contracts/results/optimization.ts';
import { CellRow, Components, Rows, StressRow, Verdict, Warnings } from './parts.tsx';

export function OptimizationView({ result }: { result: OptimizationResult }) {
  const { t } = useTranslation();
  return (
    <div className="result-view">
      {!result.converged && (
        <Verdict isGood={false} title={t('tasks.notConverged')}>
          <p>{t('tasks.notConvergedText')}</p>
        </Verdict>
      )}
      <Rows
        rows={[
          ['steps', result.steps],
          ['final_energy_eV', result.final_energy_eV],
          ['initial_energy_eV', result.initial_energy_eV],
          ['max_force_eV_A', result.max_force_eV_A],
          ['rmsd_from_initial', result.rmsd_from_initial],
          ['final_volume_A3', result.final_volume_A3],
          ['volume_change_percent', result.volume_change_percent],
        ]}
      />
      {result.cell_parameters !== null && <CellRow cell={result.cell_parameters} />}
      {result.stress_GPa !== null && <StressRow stress={result.stress_GPa} />}
      <Components components={result.energy_components_eV} />
      <Warnings warnings={result.warnings} />
    </div>
  );
}
