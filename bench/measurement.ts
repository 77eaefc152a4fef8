// One line per case: what was measured, in which unit, by us and by the peers found on this machine.
import { availableParallelism, loadavg } from 'node:os';

export interface Figure {
  program: string;
  version: string;
  value: number;
}

export interface Measurement {
  case: string;
  unit: string;
  /** Smaller is better for every unit used here. */
  ours: Figure;
  peers: Figure[];
  settings: Record<string, string | number | boolean>;
  /** Why a peer is missing, or what to know when reading the figures. */
  notes: string[];
}

/** How busy the machine was: a figure in milliseconds means little beside a load of many programs per core. */
export function machineLoad(): { n_cores: number; load_average: number } {
  return { n_cores: availableParallelism(), load_average: rounded(loadavg()[0] ?? NaN) };
}

/** Print the case as one line of JSON; `speedup` is the peer's time divided by ours. */
export function printMeasurement(measurement: Measurement): void {
  const speedup = Object.fromEntries(
    measurement.peers.map((peer) => [peer.program, Number((peer.value / measurement.ours.value).toFixed(3))]),
  );
  console.log(JSON.stringify({ ...measurement, speedup }));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error('There is no median of nothing.');
  return (upper + lower) / 2;
}

/** For what accompanies a figure. */
export function rounded(value: number): number {
  return Number(value.toFixed(2));
}
