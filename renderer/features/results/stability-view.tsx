import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StabilityResult } from '../../../contracts/results/stability.ts';
import { formatNumber } from '../../lib/format.ts';
import { XyPlot } from '../../components/plots/xy-plot.tsx';
import { bondName, Criteria, DataTable, Rows, Section, Verdict, Warnings } from '../../components/result-parts.tsx';

const SHOWN_EVENTS = 200;

export function StabilityView({ result, theme }: { result: StabilityResult; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  return (
    <div className="result-view">
      <Verdict isGood={result.stable} title={result.stable ? t('result.stable') : t('result.unstable')}>
        <p>{t('result.after', { duration: formatNumber(result.duration_ps, 3) })}</p>
      </Verdict>
      <Criteria
        title={t('result.criteria')}
        rows={result.criteria.map(({ name, value, limit, passed }) => ({
          key: name,
          text: t(`result.criterion.${name}`),
          value: `${formatNumber(value, name === 'dynamics' || name === 'broken_bonds' ? 0 : 2)} / ${limit}`,
          passed,
        }))}
      />
      <Rows
        rows={[
          ['max_displacement_A', result.max_displacement_A],
          ['rmsd_A', result.rmsd_framework.last_A],
          ['energy_drift_eV', result.energy_drift_eV],
          ['temperature_k', result.mean_temperature_k, result.temperature_std_k],
          ['pressure_GPa', result.mean_pressure_GPa, result.pressure_std_GPa],
          ['volume_A3', result.mean_volume_A3],
          ['volume_drift_percent', result.volume_drift_percent],
          ['n_atoms', result.n_atoms],
        ]}
      />
      <TimePlots result={result} theme={theme} />
      {result.coordination.length > 0 && (
        <Section title={t('result.coordination')}>
          <DataTable
            columns={[
              { title: t('result.element') },
              { title: t('result.first') },
              { title: t('result.relaxed') },
              { title: t('result.last') },
            ]}
            rows={result.coordination.map(({ element, first, relaxed, last }) => ({
              key: element,
              cells: [element, ...[first, relaxed, last].map((n) => (n === null ? '–' : formatNumber(n, 2)))],
            }))}
          />
        </Section>
      )}
      <BondEvents result={result} />
      <RdfPlot result={result} theme={theme} />
      <Warnings warnings={result.warnings} />
    </div>
  );
}

function TimePlots({ result: { series, ensemble }, theme }: { result: StabilityResult; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const plots = useMemo(() => {
    const curve = (y: readonly number[]) => [{ mark: 'line' as const, x: series.time_ps, y }];
    return [
      { name: 'temperature_k' as const, unit: 'K', series: curve(series.temperature_k) },
      { name: 'rmsd_A' as const, unit: 'Å', series: curve(series.rmsd_A) },
      ...(series.volume_A3 === null || ensemble === 'NVT'
        ? []
        : [{ name: 'volume_A3' as const, unit: 'Å³', series: curve(series.volume_A3) }]),
    ];
  }, [series, ensemble]);
  return plots.map((plot) => (
    <XyPlot
      key={plot.name}
      title={t(`quantity.${plot.name}`)}
      xLabel={`${t('result.time')} (ps)`}
      yLabel={plot.unit}
      series={plot.series}
      theme={theme}
    />
  ));
}

function BondEvents({ result: { bond_events: events } }: { result: StabilityResult }) {
  const { t } = useTranslation();
  if (events.length === 0) return null;
  return (
    <Section title={t('result.bondEvents', { count: events.length })}>
      <DataTable
        columns={[
          { title: t('result.bond') },
          { title: t('result.event') },
          { title: t('result.time'), unit: 'ps' },
          { title: 'd', unit: 'Å' },
        ]}
        rows={events.slice(0, SHOWN_EVENTS).map((event, i) => ({
          key: String(i),
          cells: [
            bondName(event.elements, event.atoms),
            t(`result.bondKind.${event.kind}`),
            formatNumber(event.time_ps, 3),
            formatNumber(event.distance_A, 2),
          ],
        }))}
      />
    </Section>
  );
}

function RdfPlot({ result: { rdf }, theme }: { result: StabilityResult; theme: 'light' | 'dark' }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(0);
  const shown = rdf[chosen];
  const series = useMemo(
    () => (shown === undefined ? [] : [{ mark: 'line' as const, x: shown.distances_A, y: shown.g }]),
    [shown],
  );
  if (shown === undefined) return null;
  const nameOf = ([first, second]: readonly [string, string]) =>
    first === 'all' ? t('result.allPairs') : `${first}–${second}`;
  return (
    <Section title={t('result.rdf')}>
      <select
        aria-label={t('result.rdf')}
        value={chosen}
        onChange={(event) => {
          setChosen(Number(event.target.value));
        }}
      >
        {rdf.map(({ pair }, i) => (
          <option key={nameOf(pair)} value={i}>
            {nameOf(pair)}
          </option>
        ))}
      </select>
      <XyPlot title={nameOf(shown.pair)} xLabel="r (Å)" yLabel="g(r)" series={series} theme={theme} />
    </Section>
  );
}
