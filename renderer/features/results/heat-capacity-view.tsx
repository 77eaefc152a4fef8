import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import { formatNumber } from '../../lib/format.ts';
import { XyPlot } from '../../components/plots/xy-plot.tsx';
import { DataTable, Rows, Section, Verdict, Warnings } from '../../components/result-parts.tsx';

export function HeatCapacityView({ result, theme }: { result: HeatCapacityResult; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const { temperatures, heat_capacities, dos } = result;
  const capacity = useMemo(
    () => [
      { mark: temperatures.length > 1 ? ('line' as const) : ('points' as const), x: temperatures, y: heat_capacities },
    ],
    [temperatures, heat_capacities],
  );
  const density = useMemo(
    () => (dos === null ? null : [{ mark: 'line' as const, x: dos.frequencies_THz, y: dos.density }]),
    [dos],
  );
  const followed = result.followed_modes ?? [];
  const nImaginary = result.n_imaginary_modes ?? 0;
  return (
    <div className="result-view">
      {nImaginary > 0 && (
        <Verdict isGood={false} title={t('result.imaginary', { count: nImaginary })}>
          <p>{t('result.imaginaryText')}</p>
        </Verdict>
      )}
      <Rows
        rows={[
          ['zero_point_energy_eV', result.zero_point_energy_eV],
          ['lowest_frequency_THz', result.lowest_frequency_THz],
          ['n_displacements', result.n_displacements],
          ['classical_limit_J_mol_K', result.classical_limit_J_mol_K],
        ]}
      />
      {followed.length > 0 && (
        <Section title={t('result.followed')}>
          <DataTable
            columns={[
              { title: '#' },
              { title: t('result.frequency'), unit: 'THz' },
              { title: t('result.energyChange'), unit: 'eV' },
              { title: t('quantity.volume_change_percent'), unit: '%' },
              { title: t('result.accepted') },
            ]}
            rows={followed.map((mode, i) => ({
              key: String(i),
              cells: [
                i + 1,
                formatNumber(mode.frequency_THz, 3),
                formatNumber(mode.energy_change_eV, 4),
                formatNumber(mode.volume_change_percent, 2),
                t(mode.accepted ? 'result.yes' : 'result.no'),
              ],
            }))}
          />
        </Section>
      )}
      <XyPlot
        title={t('result.heatCapacity')}
        xLabel={`${t('quantity.temperature_k')} (K)`}
        yLabel="C (J/(mol K))"
        series={capacity}
        theme={theme}
      />
      {density !== null && (
        <XyPlot
          title={t('result.densityOfStates')}
          xLabel={`${t('result.frequency')} (THz)`}
          yLabel="1/THz"
          series={density}
          theme={theme}
        />
      )}
      <Section title={t('result.table')}>
        <DataTable
          columns={[
            { title: 'T', unit: 'K' },
            { title: 'C', unit: 'J/(mol K)' },
            { title: 'c', unit: 'J/(g K)' },
            ...(result.entropies_J_mol_K === null ? [] : [{ title: 'S', unit: 'J/(mol K)' }]),
            ...(result.free_energies_kJ_mol === null ? [] : [{ title: 'F', unit: 'kJ/mol' }]),
            ...(result.heat_capacity_errors_J_mol_K === null ? [] : [{ title: '±', unit: 'J/(mol K)' }]),
          ]}
          rows={temperatures.map((temperature, i) => ({
            key: String(temperature),
            cells: [
              formatNumber(temperature, 1),
              ...[
                heat_capacities,
                result.specific_heat_capacities,
                result.entropies_J_mol_K,
                result.free_energies_kJ_mol,
                result.heat_capacity_errors_J_mol_K,
              ].flatMap((column, c) =>
                column === null ? [] : [formatNumber(column[i] ?? Number.NaN, c === 1 ? 4 : 2)],
              ),
            ],
          }))}
        />
      </Section>
      <p className="result-note">{settings()}</p>
      <Warnings warnings={result.warnings} />
    </div>
  );

  function settings(): string {
    const parts = [
      `${t('result.supercell')} ${result.supercell.join(' × ')}`,
      result.mesh === null ? null : `${t('result.mesh')} ${result.mesh.join(' × ')}`,
      result.space_group === null ? null : `${t('result.spaceGroup')} ${result.space_group}`,
    ];
    return parts.filter((part) => part !== null).join(' · ');
  }
}
