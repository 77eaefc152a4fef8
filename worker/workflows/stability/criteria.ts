// The verdict: what is held against which limit. Pure.
import type { StabilityParameters, StabilityResult } from '../../../contracts/results/stability.ts';

export type Criterion = StabilityResult['criteria'][number];

type Measured = Pick<
  StabilityResult,
  'ensemble' | 'steps' | 'end_state' | 'volume_drift_percent' | 'rmsd_nodes' | 'coordination' | 'n_bonds_broken'
>;

/** Only what the run can fail: no volume at constant volume, no coordination without metals. */
export function criteriaOf(measured: Measured, parameters: StabilityParameters): Criterion[] {
  const { ensemble, steps, end_state, volume_drift_percent, rmsd_nodes, coordination, n_bonds_broken } = measured;
  const changes = coordination.map(({ first, last }) => Math.abs(last - first));
  return [
    { name: 'dynamics', value: steps, limit: parameters.total_steps, passed: end_state === 'completed' },
    ...(ensemble === 'NPT' && volume_drift_percent !== null
      ? [atMost('volume_drift_percent', Math.abs(volume_drift_percent), parameters.max_volume_drift_percent)]
      : []),
    atMost('rmsd_A', rmsd_nodes.largest_A, parameters.max_rmsd_A),
    ...(changes.length > 0
      ? [atMost('coordination_change', Math.max(...changes), parameters.max_coordination_change)]
      : []),
    atMost('broken_bonds', n_bonds_broken, parameters.max_broken_bonds),
  ];
}

function atMost(name: Criterion['name'], value: number, limit: number): Criterion {
  return { name, value, limit, passed: value <= limit };
}
