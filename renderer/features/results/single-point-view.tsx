import { useTranslation } from 'react-i18next';
import type { SinglePointEnergyResult } from '../../../contracts/results/single-point-energy.ts';
import { formatNumber } from '../../lib/format.ts';
import { Components, DataTable, Rows, Section, StressRow, Warnings } from '../../components/result-parts.tsx';

export function SinglePointView({ result }: { result: SinglePointEnergyResult }) {
  const { t } = useTranslation();
  const [xx, yy, zz] = result.stress_GPa ?? [];
  return (
    <div className="result-view">
      <Rows
        rows={[
          ['energy_eV', result.energy_eV],
          ['energy_per_atom_eV', result.energy_per_atom_eV],
          ['n_atoms', result.n_atoms],
          ['max_force_eV_A', result.max_force_eV_A],
        ]}
      />
      {result.frames !== undefined && (
        <Section title={t('result.frames')}>
          <DataTable
            columns={[
              { title: '#' },
              { title: t('quantity.n_atoms') },
              { title: t('quantity.energy_eV'), unit: 'eV' },
              { title: t('quantity.energy_per_atom_eV'), unit: 'eV' },
            ]}
            rows={result.frames.map((frame) => ({
              key: String(frame.index),
              cells: [
                frame.name,
                frame.n_atoms,
                formatNumber(frame.energy_eV, 4),
                formatNumber(frame.energy_per_atom_eV, 5),
              ],
            }))}
          />
        </Section>
      )}
      {xx !== undefined && yy !== undefined && zz !== undefined && (
        <StressRow stress={[xx[0], yy[1], zz[2], yy[2], xx[2], xx[1]]} />
      )}
      <Components components={result.energy_components_eV} />
      <Warnings warnings={result.warnings} />
    </div>
  );
}
