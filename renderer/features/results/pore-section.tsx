// What the molecule can reach: channels, pockets, and what both averages are.
import { useTranslation } from 'react-i18next';
import type { AdsorptionAverages, InteractionEnergyResult } from '../../../contracts/results/interaction-energy.ts';
import { formatQuantity } from '../../components/quantity-value.tsx';
import { DataTable, Section } from '../../components/result-parts.tsx';
import { formatNumber } from '../../lib/format.ts';

export function PoreSection({ result }: { result: InteractionEnergyResult }) {
  const { t } = useTranslation();
  const { channels, pockets } = result.connectivity;
  if (channels.length + pockets.length === 0) return null;
  const rows = [
    ...channels.map((channel) => ({
      name: t('result.channel', { dimensions: channel.dimensionality }),
      way: channel.dimensionality === 3 ? '' : channel.directions.map((way) => `[${way.join(' ')}]`).join(' '),
      ...channel,
    })),
    ...pockets.map((pocket) => ({ name: t('result.pocket'), way: wayOut(pocket.opens_at_kT), ...pocket })),
  ];
  return (
    <Section title={t('result.pores')}>
      <DataTable
        columns={[
          { title: '' },
          { title: t('result.cellShare'), unit: '%' },
          { title: t('result.henry'), unit: '%' },
          { title: t('result.direction') },
        ]}
        rows={rows.map(({ name, fraction, henry_share, way }, i) => ({
          key: String(i),
          cells: [name, formatNumber(100 * fraction, 2), formatNumber(100 * henry_share, 2), way],
        }))}
      />
      {result.n_pockets > 0 && <BothAverages result={result} />}
    </Section>
  );

  function wayOut(opens_at_kT: number | null): string {
    return opens_at_kT === null ? '' : t('result.opensAt', { energy: formatNumber(opens_at_kT, 0) });
  }
}

function BothAverages({ result }: { result: InteractionEnergyResult }) {
  const { t } = useTranslation();
  const { whole_cell, reachable } = result.averages;
  const averages: [string, AdsorptionAverages][] = [
    [t('result.wholeCell'), whole_cell],
    [t('result.channelsAlone'), reachable],
  ];
  return (
    <>
      <p className="result-note">{t(result.pockets_are_blocked ? 'result.pocketsBlocked' : 'result.pocketsCounted')}</p>
      <DataTable
        columns={[
          { title: '' },
          { title: t('result.henry'), unit: 'mol/(kg Pa)' },
          { title: t('quantity.isosteric_heat_kJ_mol'), unit: 'kJ/mol' },
        ]}
        rows={averages.map(([name, { henry_coefficient_mol_kg_Pa, isosteric_heat_kJ_mol }]) => ({
          key: name,
          cells: [
            name,
            formatQuantity('henry_coefficient_mol_kg_Pa', henry_coefficient_mol_kg_Pa),
            isosteric_heat_kJ_mol === null ? '–' : formatQuantity('isosteric_heat_kJ_mol', isosteric_heat_kJ_mol),
          ],
        }))}
      />
    </>
  );
}
