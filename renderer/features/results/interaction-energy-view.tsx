import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { InteractionEnergyResult } from '../../../contracts/results/interaction-energy.ts';
import { formatNumber } from '../../lib/format.ts';
import { XyPlot } from '../../components/plots/xy-plot.tsx';
import { DataTable, Rows, Section, Verdict, Warnings } from '../../components/result-parts.tsx';
import { PoreSection } from './pore-section.tsx';

export function InteractionEnergyView({ result, theme }: { result: InteractionEnergyResult; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const { energies_eV, fractions } = result.grid.minimum_histogram;
  const histogram = useMemo(() => [{ mark: 'line' as const, x: energies_eV, y: fractions }], [energies_eV, fractions]);
  const hasPockets = result.n_pockets > 0;
  return (
    <div className="result-view">
      {result.best_structure === null && <Verdict isGood={false} title={t('result.fitsNowhere')} />}
      <Rows
        rows={[
          ['interaction_energy_eV', result.interaction_energy_eV],
          [
            'mean_interaction_energy_eV',
            result.mean_interaction_energy_eV,
            result.mean_interaction_energy_standard_error_eV,
          ],
          ['isosteric_heat_kJ_mol', result.isosteric_heat_kJ_mol, result.isosteric_heat_standard_error_kJ_mol],
          [
            'henry_coefficient_mol_kg_Pa',
            result.henry_coefficient_mol_kg_Pa,
            result.henry_coefficient_standard_error_mol_kg_Pa,
          ],
          ['accessible_fraction', result.accessible_fraction],
          ['helium_void_fraction', result.helium_void_fraction?.value, result.helium_void_fraction?.standard_error],
          ['mae_vs_reference', result.mae_vs_reference],
          ['force_mae', result.force_mae],
        ]}
      />
      <p className="result-note">
        {t('result.adsorbate', { name: result.adsorbate.name, charges: result.framework_charges })}
      </p>
      {result.sites.length > 0 && (
        <Section title={t('result.sites')}>
          <DataTable
            columns={[
              { title: '#' },
              { title: t('quantity.energy_eV'), unit: 'eV' },
              { title: 'x, y, z' },
              { title: t('result.multiplicity') },
              ...(hasPockets ? [{ title: t('result.region') }] : []),
            ]}
            rows={result.sites.map((site, i) => ({
              key: String(i),
              cells: [
                i + 1,
                formatNumber(site.energy_eV, 4),
                site.center_fractional.map((x) => x.toFixed(3)).join(' '),
                site.multiplicity,
                ...(hasPockets ? [site.in_pocket ? t('result.pocket') : t('result.channelSite')] : []),
              ],
            }))}
          />
        </Section>
      )}
      <PoreSection result={result} />
      <XyPlot
        title={t('result.energyHistogram')}
        xLabel={`${t('quantity.energy_eV')} (eV)`}
        yLabel={t('result.fraction')}
        series={histogram}
        theme={theme}
      />
      <Warnings warnings={result.warnings} />
    </div>
  );
}
