import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { BulkModulusResult } from '../../../contracts/results/bulk-modulus.ts';
import { formatQuantity } from '../../components/quantity-value.tsx';
import { formatNumber } from '../../lib/format.ts';
import { XyPlot } from '../../components/plots/xy-plot.tsx';
import { Criteria, DataTable, Rows, Section, Verdict, Warnings } from '../../components/result-parts.tsx';

export function BulkModulusView({ result, theme }: { result: BulkModulusResult; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const headline = result.fits.find(({ method }) => method === result.fitting_method);
  const series = useMemo(() => {
    const { curve, volumes_A3, energies_eV } = result;
    return [
      { name: t('result.fit'), mark: 'line' as const, x: curve.volumes_A3, y: curve.energies_eV },
      { name: t('result.points'), mark: 'points' as const, x: volumes_A3, y: energies_eV },
    ];
  }, [result, t]);
  return (
    <div className="result-view">
      <Verdict isGood={result.is_reliable} title={result.is_reliable ? t('result.reliable') : t('result.unreliable')} />
      <Rows
        rows={[
          ['bulk_modulus_GPa', result.bulk_modulus_GPa, result.bulk_modulus_error_GPa],
          ['equilibrium_volume_A3', result.equilibrium_volume_A3, headline?.equilibrium_volume_error_A3],
          ['pressure_derivative', result.pressure_derivative, headline?.pressure_derivative_error],
          ['equilibrium_energy_eV', result.equilibrium_energy_eV],
          ['r_squared', result.r_squared],
        ]}
      />
      <XyPlot
        title={t('result.energyOverVolume')}
        xLabel={`${t('quantity.volume_A3')} (Å³)`}
        yLabel={`${t('quantity.energy_eV')} (eV)`}
        series={series}
        theme={theme}
      />
      <Section title={t('result.equations')}>
        <DataTable
          columns={[
            { title: '' },
            { title: 'B₀', unit: 'GPa' },
            { title: 'V₀', unit: 'Å³' },
            { title: 'B₀′' },
            { title: 'RMSE', unit: 'meV' },
          ]}
          rows={result.fits.map((fit) => ({
            key: fit.method,
            cells: [
              t(`result.eos.${fit.method}`),
              formatNumber(fit.bulk_modulus_GPa, 2),
              formatNumber(fit.equilibrium_volume_A3, 1),
              formatNumber(fit.pressure_derivative, 2),
              formatNumber(1000 * fit.fit_rmse_eV, 2),
            ],
          }))}
        />
      </Section>
      {result.pressure_check !== null && (
        <p className="result-note">
          {t('result.pressureCheck', {
            modulus: formatNumber(result.pressure_check.bulk_modulus_GPa, 3),
            percent: formatNumber(result.pressure_check.difference_percent, 2),
          })}
        </p>
      )}
      {result.hydrostatic !== null && <p className="result-note">{hydrostaticText(result.hydrostatic)}</p>}
      <Criteria
        title={t('result.criteria')}
        rows={result.criteria.map(({ name, value, limits, passed }) => ({
          key: name,
          text: t(`result.criterion.${name}`),
          value: value === null ? '–' : criterionText(value, limits),
          passed,
        }))}
      />
      <Warnings warnings={result.warnings} />
    </div>
  );

  function hydrostaticText({ pressure_GPa, bulk_modulus_GPa }: NonNullable<BulkModulusResult['hydrostatic']>): string {
    const pressure = formatQuantity('hydrostatic_pressure_GPa', pressure_GPa);
    if (bulk_modulus_GPa === null) return t('result.hydrostaticFailed', { pressure });
    return t('result.hydrostatic', { pressure, modulus: formatNumber(bulk_modulus_GPa, 3) });
  }
}

/** A yes needs no number, a count is one of so many, everything else has a range. */
function criterionText(value: number, limits: readonly [number, number]): string {
  const [low, high] = limits;
  if (low !== high) return `${formatNumber(value, 2)} (${formatNumber(low, 1)} … ${formatNumber(high, 1)})`;
  return low === 1 ? '' : `${value} / ${low}`;
}
