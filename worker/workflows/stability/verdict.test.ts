// What a run is judged by, and what is doubtful about it.
import { describe, expect, it } from 'vitest';
import type { PotentialSpec } from '../../../contracts/potential.ts';
import { stabilityParametersSchema } from '../../../contracts/results/stability.ts';
import type { StabilityFigures } from './analyze.ts';
import { BOND_RULE } from './bond-tracker.ts';
import { criteriaOf } from './criteria.ts';
import { doubtsOf } from './doubts.ts';

const NPT = stabilityParametersSchema.parse({ ensemble: 'NPT', total_steps: 1000 });
const NVT = stabilityParametersSchema.parse({ total_steps: 1000 });
const POTENTIAL: PotentialSpec = {
  kind: 'uff4mof',
  options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' },
};

function figures(some: Partial<StabilityFigures>): StabilityFigures {
  const spread = { last_A: 0.5, mean_A: 0.4, largest_A: 0.6 };
  return {
    stable: true,
    criteria: [],
    end_state: 'completed',
    ensemble: 'NPT',
    duration_ps: 1,
    steps: 1000,
    n_frames: 101,
    n_samples: 101,
    supercell: [1, 1, 1],
    n_atoms: 106,
    n_framework_atoms: 106,
    n_node_atoms: 8,
    relaxation: { converged: true, steps: 10, max_force_eV_A: 0.0005, final_energy_eV: 1 },
    max_displacement_A: 1,
    max_displacement_atom: 3,
    rmsd_framework: spread,
    rmsd_nodes: spread,
    rmsd_benchmark: spread,
    energy_drift_eV: 0.001,
    energy_drift_eV_atom_ps: 1e-5,
    mean_temperature_k: 300,
    temperature_std_k: 20,
    mean_temperature_error_k: 1,
    mean_potential_energy_eV: 10,
    mean_pressure_GPa: 0.1,
    pressure_std_GPa: 0.1,
    mean_pressure_error_GPa: 0.01,
    mean_volume_A3: 4300,
    mean_volume_error_A3: 1,
    first_volume_A3: 4300,
    last_volume_A3: 4300,
    volume_drift_percent: 0,
    lattice_first: null,
    lattice_last: null,
    coordination: [{ element: 'Zn', n_atoms: 8, first: 4, relaxed: 4, last: 4 }],
    bond_rule: BOND_RULE,
    n_bonds_first: 128,
    n_bonds_broken: 0,
    n_bonds_formed: 0,
    bond_events: [],
    rdf: [],
    series: { time_ps: [], temperature_k: [], potential_energy_eV: [], pressure_GPa: [], volume_A3: [], rmsd_A: [] },
    ...some,
  };
}

describe('the criteria of a verdict', () => {
  it('are_all_passed_by_a_framework_that_holds', () => {
    const criteria = criteriaOf(figures({}), NPT);
    expect(criteria.map(({ name }) => name)).toEqual([
      'dynamics',
      'volume_drift_percent',
      'rmsd_A',
      'coordination_change',
      'broken_bonds',
    ]);
    expect(criteria.every(({ passed }) => passed)).toBe(true);
  });

  it.each<[string, Partial<StabilityFigures>]>([
    ['dynamics', { end_state: 'diverged', steps: 17 }],
    ['volume_drift_percent', { volume_drift_percent: 10.1 }],
    ['volume_drift_percent', { volume_drift_percent: -10.1 }],
    ['rmsd_A', { rmsd_nodes: { last_A: 1, mean_A: 1, largest_A: 2.1 } }],
    ['coordination_change', { coordination: [{ element: 'Zn', n_atoms: 8, first: 4, relaxed: 4, last: 3.4 }] }],
    ['broken_bonds', { n_bonds_broken: 1 }],
  ])('%s alone can fail: %j', (name, some) => {
    const failed = criteriaOf(figures(some), NPT).filter(({ passed }) => !passed);
    expect(failed.map((criterion) => criterion.name)).toEqual([name]);
  });

  it('are_only_those_that_the_run_can_fail', () => {
    const criteria = criteriaOf(figures({ ensemble: 'NVT', coordination: [] }), NVT);
    expect(criteria.map(({ name }) => name)).toEqual(['dynamics', 'rmsd_A', 'broken_bonds']);
  });

  it('have_the_limits_that_the_task_gives', () => {
    const loose = { ...NPT, max_broken_bonds: 2, max_volume_drift_percent: 20 };
    const measured = figures({ n_bonds_broken: 2, volume_drift_percent: 15 });
    expect(criteriaOf(measured, loose).every(({ passed }) => passed)).toBe(true);
  });
});

describe('what is doubtful about a run', () => {
  const doubts = (some: Partial<StabilityFigures>) => doubtsOf(figures(some), NPT, POTENTIAL);
  const ALWAYS = doubts({});

  it('is_always_that_a_force_field_with_a_list_of_bonds_breaks_none', () => {
    expect(ALWAYS).toEqual([expect.stringMatching(/do not react/)]);
  });

  it.each<[RegExp, Partial<StabilityFigures>]>([
    [/diverged after 17 of 1000 steps/, { end_state: 'diverged', steps: 17 }],
    [/did not converge/, { relaxation: { converged: false, steps: 9, max_force_eV_A: 0.1, final_energy_eV: 1 } }],
    [/conserved energy drifts by 1\.0e-3/, { energy_drift_eV_atom_ps: 1e-3 }],
    [/mean temperature is 250 K/, { mean_temperature_k: 250 }],
    [/3 frames/, { n_frames: 3 }],
    [/6 of 106 atoms belong to molecules/, { n_framework_atoms: 100 }],
    [/Bonds are broken \(1\) although the model keeps/, { n_bonds_broken: 1 }],
    [/Bonds have formed \(2\)/, { n_bonds_formed: 2 }],
  ])('%s', (words, some) => {
    const added = doubts(some).filter((doubt) => !ALWAYS.includes(doubt));
    expect(added).toEqual([expect.stringMatching(words)]);
  });

  it('is_not_an_energy_that_wanders_within_a_short_run', () => {
    expect(doubts({ energy_drift_eV_atom_ps: 2e-3, duration_ps: 0.2 })).toEqual(ALWAYS);
  });
});
