import { useTranslation } from 'react-i18next';
import type { BondChanges, OptimizationResult } from '../../../contracts/results/optimization.ts';
import { formatNumber } from '../../lib/format.ts';
import {
  bondName,
  CellRow,
  Components,
  DataTable,
  Rows,
  Section,
  StressRow,
  Verdict,
  Warnings,
} from '../../components/result-parts.tsx';

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
      <SymmetryRow result={result} />
      <BondChangesSection changes={result.bond_changes} />
      {result.cell_parameters !== null && <CellRow cell={result.cell_parameters} />}
      {result.stress_GPa !== null && <StressRow stress={result.stress_GPa} />}
      <Components components={result.energy_components_eV} />
      <Warnings warnings={result.warnings} />
    </div>
  );
}

function SymmetryRow({
  result: { space_group_before: before, space_group_after: after },
}: {
  result: OptimizationResult;
}) {
  const { t } = useTranslation();
  if (before === null || after === null) return null;
  const isSame = before.number === after.number;
  return (
    <p className="result-note">
      {t('result.spaceGroup')} {isSame ? after.symbol : `${before.symbol} → ${after.symbol}`}
    </p>
  );
}

function BondChangesSection({ changes }: { changes: BondChanges }) {
  const { t } = useTranslation();
  const rows = [
    ...changes.broken.map((change) => ({ ...change, kind: 'broken' as const })),
    ...changes.formed.map((change) => ({ ...change, kind: 'formed' as const })),
  ];
  if (rows.length === 0) return null;
  return (
    <Section title={t('result.bondEvents', { count: changes.n_broken + changes.n_formed })}>
      <DataTable
        columns={[
          { title: t('result.bond') },
          { title: t('result.event') },
          { title: t('result.before'), unit: 'Å' },
          { title: t('result.afterwards'), unit: 'Å' },
        ]}
        rows={rows.map(({ kind, elements, atoms, distance_before_A, distance_after_A }) => ({
          key: `${kind} ${atoms.join(' ')}`,
          cells: [
            bondName(elements, atoms),
            t(`result.bondKind.${kind}`),
            formatNumber(distance_before_A, 2),
            formatNumber(distance_after_A, 2),
          ],
        }))}
      />
    </Section>
  );
}
