// The lists of a result as tables for spreadsheets and plotting programs. Pure.
import type { StabilityResult } from '../../../contracts/results/stability.ts';
import { formatCsv } from '../output/csv.ts';

const SERIES_COLUMNS = ['time_ps', 'temperature_k', 'potential_energy_eV', 'pressure_GPa', 'volume_A3', 'rmsd_A'];

export function formatSeries({ series }: StabilityResult): string {
  const rows = series.time_ps.map((time, k) => [
    time,
    series.temperature_k[k] ?? null,
    series.potential_energy_eV[k] ?? null,
    series.pressure_GPa?.[k] ?? null,
    series.volume_A3?.[k] ?? null,
    series.rmsd_A[k] ?? null,
  ]);
  return formatCsv(SERIES_COLUMNS, rows);
}

/** One column per pair, named as `Zn-O`. */
export function formatRdfs({ rdf }: StabilityResult): string {
  const columns = ['distance_A', ...rdf.map(({ pair }) => pair.join('-'))];
  const rows = (rdf[0]?.distances_A ?? []).map((distance, k) => [distance, ...rdf.map(({ g }) => g[k] ?? null)]);
  return formatCsv(columns, rows);
}

export function formatBondEvents({ bond_events }: StabilityResult): string {
  const lines = bond_events.map(({ time_ps, kind, atoms, elements, distance_A }) =>
    [time_ps, kind, ...atoms, ...elements, distance_A].join(','),
  );
  return ['time_ps,kind,atom_1,atom_2,element_1,element_2,distance_A', ...lines, ''].join('\n');
}
