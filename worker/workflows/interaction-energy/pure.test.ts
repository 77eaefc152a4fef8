import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { interactionEnergyParametersSchema } from '../../../contracts/results/interaction-energy.ts';
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import type { LowestPlacement } from '../../kernel-client/insertions.ts';
import { TaskFailure } from '../task-failure.ts';
import { analyzeSites, minimumHistogram } from './analyze.ts';
import { cautionsAbout } from './cautions.ts';
import { compareWithReference, parseConfigurations } from './comparison.ts';
import { cubeText } from './cube-file.ts';
import { distinctSites, siteSymmetry } from './distinct-sites.ts';
import { guestAtoms, guestOf } from './guest.ts';
import { assertGridFits, gridShape, MAX_GRID_POINTS, planInteractionEnergy } from './plan.ts';

const CUBE: Cell = [
  [10, 0, 0],
  [0, 10, 0],
  [0, 0, 10],
];
const SODIUM_CHLORIDE: Structure & { cell: Cell } = {
  cell: [
    [5.64, 0, 0],
    [0, 5.64, 0],
    [0, 0, 5.64],
  ],
  pbc: [true, true, true],
  symbols: ['Na', 'Na', 'Na', 'Na', 'Cl', 'Cl', 'Cl', 'Cl'],
  positions: [
    [0, 0, 0],
    [0, 2.82, 2.82],
    [2.82, 0, 2.82],
    [2.82, 2.82, 0],
    [2.82, 0, 0],
    [0, 2.82, 0],
    [0, 0, 2.82],
    [2.82, 2.82, 2.82],
  ],
};

function parametersOf(given: Record<string, unknown> = {}) {
  return interactionEnergyParametersSchema.parse(given);
}

function placement(energy_eV: number, center: Vector3): LowestPlacement {
  return { energy_eV, center, sites: [center], max_force_eV_A: 0 };
}

function failureOf(action: () => unknown): TaskFailure {
  try {
    action();
  } catch (error) {
    if (error instanceof TaskFailure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('guestOf', () => {
  it('moves_a_molecule_of_the_user_to_its_center_of_mass_and_takes_uff_where_nothing_is_given', () => {
    const { molecule } = parametersOf({
      molecule: {
        name: 'CO',
        sites: [
          { element: 'C', position_A: [1, 1, 1] },
          { element: 'O', position_A: [1, 1, 2.128] },
        ],
      },
    });
    const guest = guestOf({ ...parametersOf(), molecule });
    const [carbon, oxygen] = guest.model.sites;
    const center = 12.011 * carbon!.position_A[2] + 15.999 * oxygen!.position_A[2];
    expect(center).toBeCloseTo(0, 12);
    expect(oxygen!.position_A[2] - carbon!.position_A[2]).toBeCloseTo(1.128, 12);
    // Rappe 1992: carbon x = 3.851 A, D = 0.105 kcal/mol; sigma = x / 2^(1/6).
    expect(carbon!.sigma_A).toBeCloseTo(3.4309, 4);
    expect(carbon!.epsilon_eV).toBeCloseTo(0.105 * 0.0433641, 7);
    expect(guest.citation).toContain('UFF');
    expect(guest.hasCharges).toBe(false);
  });

  it('methane_is_one_sphere_for_the_grid_and_five_atoms_for_a_model', () => {
    const guest = guestOf(parametersOf({ adsorbate: 'CH4' }));
    expect(guest.model.sites).toHaveLength(1);
    const { symbols, positions } = guestAtoms(guest, [[1, 2, 3]]);
    expect(symbols).toEqual(['C', 'H', 'H', 'H', 'H']);
    const distances = positions.slice(1).map(([x, y, z]) => Math.hypot(x - 1, y - 2, z - 3));
    for (const distance of distances) expect(distance).toBeCloseTo(1.087, 12);
    const sum = positions.slice(1).reduce((total, [x, y, z]) => total + x + y + z, 0);
    expect(sum).toBeCloseTo(4 * 6, 12);
  });

  it('refuses_an_element_without_parameters_and_says_which_there_are', () => {
    const molecule = parametersOf({ molecule: { sites: [{ element: 'Fe', position_A: [0, 0, 0] }] } }).molecule;
    const { taskError } = failureOf(() => guestOf({ ...parametersOf(), molecule }));
    expect(taskError).toMatchObject({ type: 'ModelError', details: { parameter: 'molecule', element: 'Fe' } });
    expect(taskError.message).toContain('epsilon_K');
  });

  it.each([
    ['an ion', { sites: [{ element: 'Na', position_A: [0, 0, 0], epsilon_K: 1, sigma_A: 2, charge_e: 1 }] }],
    ['half a pair of parameters', { sites: [{ element: 'C', position_A: [0, 0, 0], epsilon_K: 1 }] }],
    [
      'a place without element or parameters',
      { sites: [{ element: 'C', position_A: [0, 0, 0] }, { position_A: [0, 0, 1] }] },
    ],
  ])('the parameters refuse %s', (_, molecule) => {
    expect(interactionEnergyParametersSchema.safeParse({ molecule }).success).toBe(false);
  });
});

describe('planInteractionEnergy', () => {
  const plan = (given: Record<string, unknown>) => {
    const parameters = parametersOf(given);
    return planInteractionEnergy({ model: 'uff4mof', parameters, structure: SODIUM_CHLORIDE }, guestOf(parameters));
  };

  it('refuses_a_grid_that_does_not_fit_and_names_a_spacing_that_does', () => {
    const large: Cell = [
      [60, 0, 0],
      [0, 60, 0],
      [0, 0, 60],
    ];
    const { taskError } = failureOf(() => {
      assertGridFits(large, 0.1);
    });
    const fitting = taskError.details.smallest_grid_spacing as number;
    expect(taskError.message).toContain(String(fitting));
    expect(() => {
      assertGridFits(large, fitting);
    }).not.toThrow();
    expect(gridShape(large, fitting - 0.02).reduce((a, b) => a * b)).toBeGreaterThan(MAX_GRID_POINTS);
  });

  it('warns_that_a_quadrupole_meets_no_charges', () => {
    expect(plan({ adsorbate: 'CO2' }).warnings.join()).toContain('eqeq');
    expect(plan({ adsorbate: 'CO2', model_options: { charges: 'eqeq' } }).warnings.join()).not.toContain('eqeq');
    expect(plan({ adsorbate: 'CH4' }).warnings).toEqual([]);
  });

  it('asks_the_model_by_itself_only_when_it_is_not_the_classical_one', () => {
    expect(plan({}).energySource).toBe('classical');
    expect(plan({ energy_source: 'model' }).energySource).toBe('model');
    expect(plan({ n_insertions: 0 }).widom).toBeNull();
  });

  it('refuses_differences_of_energies_whose_charges_would_differ', () => {
    const failure = failureOf(() => plan({ energy_source: 'model', model_options: { charges: 'eqeq' } }));
    expect(failure.taskError.details).toMatchObject({ parameter: 'model_options.charges' });
  });

  it('tells_that_a_sphere_is_not_turned_for_the_model', () => {
    expect(plan({ adsorbate: 'CH4', energy_source: 'model' }).warnings.join()).toContain('one orientation');
  });

  it('tells_that_silicon_binds_too_strongly', () => {
    const parameters = parametersOf({ adsorbate: 'CH4' });
    const structure = { ...SODIUM_CHLORIDE, symbols: SODIUM_CHLORIDE.symbols.map((s) => (s === 'Na' ? 'Si' : s)) };
    const { warnings } = planInteractionEnergy({ model: 'uff4mof', parameters, structure }, guestOf(parameters));
    expect(warnings.join()).toContain('silicon');
  });

  it('takes_charges_of_the_host_parameters_as_those_of_a_file', () => {
    const host_parameters = {
      citation: 'by hand',
      sites: [
        { site: 'Na', epsilon_K: 10, sigma_A: 2, charge_e: 1 },
        { site: 'Cl', epsilon_K: 20, sigma_A: 4, charge_e: -1 },
      ],
    };
    const planned = plan({ adsorbate: 'CO2', host_parameters, lennard_jones: 'shifted', helium_void_fraction: true });
    expect(planned).toMatchObject({ charges: 'host_parameters', host_citation: 'by hand', warnings: [] });
    expect(planned.framework.charges).toEqual([1, 1, 1, 1, -1, -1, -1, -1]);
    expect(planned.classical).toMatchObject({ electrostatics: { charges: 'given' } });
    expect(planned.grid).toMatchObject({ is_shifted: true, host: { sigma_A: [2, 2, 2, 2, 4, 4, 4, 4] } });
    expect(planned.helium).toMatchObject({ adsorbate: { name: 'He' }, temperature_k: 298, is_shifted: true });
    expect(plan({}).helium).toBeNull();
  });

  it('tells_that_cold_hydrogen_is_no_classical_particle', () => {
    expect(plan({ adsorbate: 'H2', temperature_k: 77 }).warnings.join()).toContain('quantum');
  });
});

describe('distinctSites', () => {
  it('copies_by_symmetry_are_one_site_with_their_number', () => {
    // The eight tetrahedral holes of rock salt at (1/4, 1/4, 1/4), and one octahedral place beside a corner.
    const q = 5.64 / 4;
    const placements = [
      placement(-0.3, [q, q, q]),
      placement(-0.299, [3 * q, q, q]),
      placement(-0.298, [q, 3 * q + 0.2, 3 * q]),
      placement(-0.2, [0.05, 2 * q, 0]),
    ];
    const sites = distinctSites(placements, siteSymmetry(SODIUM_CHLORIDE), 5);
    expect(sites.map(({ energy_eV, multiplicity }) => [energy_eV, multiplicity])).toEqual([
      [-0.3, 8],
      [-0.2, 4],
    ]);
  });

  it('takes_no_more_than_asked_for', () => {
    const identity = siteSymmetry({ ...SODIUM_CHLORIDE, cell: CUBE });
    const placements = [1, 3, 5, 7].map((x) => placement(-1 / x, [x, 1.3, 2.1]));
    expect(distinctSites(placements, identity, 2)).toHaveLength(2);
  });
});

describe('analyzeSites', () => {
  it('orders_by_the_model_when_it_was_asked', () => {
    const parameters = parametersOf({ adsorbate: 'CH4' });
    const found = [
      { ...placement(-0.3, [1, 1, 1]), multiplicity: 1 },
      { ...placement(-0.2, [11, -1, 5]), multiplicity: 2 },
    ];
    const sites = analyzeSites(found, [-0.1, -0.4], guestOf(parameters), CUBE, ([x]) => x > 5);
    expect(sites.map(({ energy_eV, classical_energy_eV }) => [energy_eV, classical_energy_eV])).toEqual([
      [-0.4, -0.2],
      [-0.1, -0.3],
    ]);
    expect(sites.map(({ in_pocket }) => in_pocket)).toEqual([true, false]);
    const [a, b, c] = sites[0]!.center_fractional;
    expect([a, b, c].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([0.1, 0.9, 0.5]);
  });
});

describe('minimumHistogram', () => {
  it('grows_from_the_lowest_point_to_the_share_below_half_an_electronvolt', () => {
    const { energies_eV, fractions } = minimumHistogram(
      new Float32Array([-0.5, -0.25, 0.25, Number.POSITIVE_INFINITY]),
    );
    expect(energies_eV[0]).toBeCloseTo(-0.5, 6);
    expect(energies_eV.at(-1)).toBeCloseTo(0.5, 6);
    expect(fractions[0]).toBe(0.25);
    expect(fractions.at(-1)).toBe(0.75);
    expect([...fractions].sort((x, y) => x - y)).toEqual(fractions);
  });
});

describe('cautionsAbout', () => {
  const averages = {
    mean_interaction_energy_eV: -0.2,
    mean_interaction_energy_standard_error_eV: 1e-4,
    henry_coefficient_mol_kg_Pa: 1e-5,
    henry_coefficient_standard_error_mol_kg_Pa: 1e-7,
    isosteric_heat_kJ_mol: 20,
    isosteric_heat_standard_error_kJ_mol: 0.1,
  };
  const connectivity = {
    grid_shape: [40, 40, 40] as [number, number, number],
    spacing_A: 0.25,
    is_refined: true,
    channels: [],
    pockets: [],
    n_pockets: 0,
    closed_by_the_grid: 0,
  };
  const pocket = { fraction: 0.1, henry_share: 0.3, center_fractional: [0, 0, 0] as Vector3, opens_at_kT: 40 };
  const closed = {
    n_pockets: 2,
    pocket_henry_share: 0.3,
    connectivity: { ...connectivity, n_pockets: 2, pockets: [pocket, pocket] },
  };
  const good = {
    connectivity,
    averages: { whole_cell: averages, reachable: averages },
    pockets_are_blocked: true,
    accessible_fraction: 0.4,
    percolating_fraction: 0.4,
    n_pockets: 0,
    pocket_henry_share: 0,
    henry_coefficient_mol_kg_Pa: 1e-5,
    henry_coefficient_standard_error_mol_kg_Pa: 1e-7,
    henry_coefficient_grid_mol_kg_Pa: 1.01e-5,
    averages_source: 'widom' as const,
    sites: [],
  };

  it('a_good_result_has_none', () => {
    expect(cautionsAbout(good, 'CO2')).toEqual([]);
    expect(cautionsAbout({ ...good, ...closed }, 'CO2')).toHaveLength(1);
  });

  it.each([
    ['does not fit', { accessible_fraction: 0 }],
    ['They are left out; with them', closed],
    ['They are counted (block_pockets=never)', { ...closed, pockets_are_blocked: false }],
    ['block_pockets=always', { ...closed, percolating_fraction: 0, pockets_are_blocked: false }],
    ['nothing remains', { ...closed, percolating_fraction: 0 }],
    ['windows are narrow', { connectivity: { ...connectivity, closed_by_the_grid: 1 } }],
    ['may close narrow windows', { ...closed, connectivity: { ...closed.connectivity, spacing_A: 0.5 } }],
    [
      'at 18 kT',
      { ...closed, connectivity: { ...closed.connectivity, pockets: [{ ...pocket, opens_at_kT: 18 }, pocket] } },
    ],
    ['standard error of 20 %', { henry_coefficient_standard_error_mol_kg_Pa: 2e-6 }],
    ['disagree', { henry_coefficient_grid_mol_kg_Pa: 2e-5 }],
  ])('tells "%s"', (words, change) => {
    expect(cautionsAbout({ ...good, ...change }, 'CO2').join()).toContain(words);
  });
});

describe('compareWithReference', () => {
  const xyz = '3\nLattice="9 0 0 0 9 0 0 0 9" pbc="T T T"\nAr 0 0 0\nXe 3 0 0\nXe 6 0 0\n';
  const configuration = (energy: number, more: Record<string, unknown> = {}) => ({
    structure: { content: xyz },
    n_guest_atoms: 1,
    interaction_energy_eV: energy,
    ...more,
  });
  const parse = (...configurations: unknown[]) =>
    parseConfigurations(parametersOf({ reference: configurations }).reference!);

  it('errors_are_those_of_the_classes_and_of_all', () => {
    const forces: Vector3[] = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0.9],
    ];
    const parsed = parse(
      configuration(-0.1, { class: 'E', forces_eV_A: forces }),
      configuration(0.5, { class: 'R' }),
      configuration(-0.3, { class: 'E' }),
    );
    const none: Vector3[] = forces.map(() => [0, 0, 0]);
    const comparison = compareWithReference(
      parsed,
      [-0.2, 0.8, -0.1].map((interaction_eV) => ({ interaction_eV, forces_eV_A: none })),
      '/files/x/reference.csv',
    );
    expect(comparison.mae_eV).toBeCloseTo((0.1 + 0.3 + 0.2) / 3, 12);
    expect(comparison.mean_error_eV).toBeCloseTo((-0.1 + 0.3 + 0.2) / 3, 12);
    expect(comparison.force_mae_eV_A).toBeCloseTo(0.1, 12);
    expect(comparison.by_class.map((one) => [one.class, one.n_configurations])).toEqual([
      ['R', 1],
      ['E', 2],
    ]);
    expect(comparison.by_class[1]!.mae_eV).toBeCloseTo(0.15, 12);
  });

  it.each([
    ['no framework', configuration(0, { n_guest_atoms: 3 })],
    ['reference forces', configuration(0, { forces_eV_A: [[0, 0, 0]] })],
    ['cannot be read', { ...configuration(0), structure: { content: 'nothing' } }],
  ])('a configuration at fault is named: %s', (words, bad) => {
    const { taskError } = failureOf(() => parse(configuration(0), { ...bad, name: 'second' }));
    expect(taskError.message).toContain(words);
    expect(taskError.details).toMatchObject({ configuration: 'second' });
  });
});

describe('cubeText', () => {
  it('has_lengths_in_bohr_values_in_order_and_a_cap', () => {
    const values = new Float32Array([1, 2, 3, 4, 5, 6, 7, Number.POSITIVE_INFINITY]);
    const grid = { title: 'two\nlines', quantity: 'eV', shape: [1, 1, 8] as const, values, cap: 6.5 };
    const lines = [...cubeText({ ...SODIUM_CHLORIDE, cell: CUBE }, grid)].join('').trimEnd().split('\n');
    expect(lines[0]).toBe('two lines');
    expect(lines[2]!.trim().split(/\s+/)).toEqual(['8', '0.000000', '0.000000', '0.000000']);
    // 10 A / 8 in bohr.
    expect(lines[5]!.trim().split(/\s+/)).toEqual(['8', '0.000000', '0.000000', '2.362158']);
    expect(lines).toHaveLength(6 + 8 + 2);
    expect(lines.slice(14).join(' ').trim().split(/\s+/).map(Number)).toEqual([1, 2, 3, 4, 5, 6, 6.5, 6.5]);
  });

  // bench/validation/cube-ase.py holds the same file against what ASE reads from it.
  it('is_the_file_that_ase_was_seen_to_read', () => {
    const values = Float32Array.from(
      { length: 42 },
      (_, i) => 100 * Math.floor(i / 21) + 10 * (Math.floor(i / 7) % 3) + (i % 7),
    );
    const grid = { title: 'rock salt', quantity: 'a count', shape: [2, 3, 7] as const, values, cap: 120 };
    const path = new URL('./test-data/rock-salt.cube', import.meta.url);
    expect([...cubeText(SODIUM_CHLORIDE, grid)].join('')).toBe(readFileSync(path, 'utf8'));
  });
});
