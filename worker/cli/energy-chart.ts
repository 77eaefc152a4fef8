// The energy of a relaxation as a chart of characters. Pure.
import asciichart from 'asciichart';

const WIDTH = 64;
const HEIGHT = 10;

/** @param energies one per step, eV; at least one */
export function formatEnergyChart(energies: readonly number[]): string {
  const chart = asciichart.plot(resample(energies, WIDTH), {
    height: HEIGHT,
    format: (energy) => energy.toFixed(3).padStart(12),
  });
  return `energy (eV) over ${energies.length - 1} steps\n${chart}`;
}

/** `width` values spread evenly over the series, the first and the last one included. */
function resample(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  return Array.from(
    { length: width },
    (_, i) => values[Math.round((i * (values.length - 1)) / (width - 1))] ?? Number.NaN,
  );
}
