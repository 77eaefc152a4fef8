// The workflow on the real kernel. Skipped where it has not been built.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interactionEnergyResultSchema } from '../../../contracts/results/interaction-energy.ts';
import type { InteractionEnergyResult } from '../../../contracts/results/interaction-energy.ts';
import type { TaskEvent } from '../../../contracts/event.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { BOLTZMANN_EV_K, GPA_PER_EV_A3, KJ_MOL_PER_EV } from '../../../contracts/units.ts';
import type { Kernel } from '../../kernel-client/kernel.ts';
import { startKernel } from '../../kernel-client/kernel.ts';
import { locateKernel } from '../../kernel-client/locate-kernel.ts';
import { NO_KERNEL } from '../../kernel-client/testing/real-kernel.ts';
import { volumeOf } from '../../structures/cell.ts';
import { elementOf } from '../../structures/elements.ts';
import { parseStructure } from '../../structures/parse-structure.ts';
import { Deadline } from '../deadline.ts';
import { Reporter } from '../reporter.ts';
import { runTask } from '../run-task.ts';
import type { TaskTools } from '../run-task.ts';
import { isCancellation, TaskPreempted, TaskTimedOut } from '../task-failure.ts';

const STRUCTURES = resolve(import.meta.dirname, '..', '..', '..', 'resources', 'structures');

function builtin(name: string): Structure {
  const path = join(STRUCTURES, `${name}.cif`);
  return parseStructure(readFileSync(path), path)[0].structure;
}

/** Solid argon: no hole that a molecule fits into. */
const ARGON: Structure = {
  cell: [
    [0, 2.63, 2.63],
    [2.63, 0, 2.63],
    [2.63, 2.63, 0],
  ],
  pbc: [true, true, true],
  symbols: ['Ar'],
  positions: [[0, 0, 0]],
};

const QUICK = { adsorbate: 'CH4', grid_spacing: 1, n_insertions: 20_000 };

describe('an interaction energy on mofkernel', () => {
  let kernel: Kernel | null = null;
  let root = '';

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'mofsim-interaction-'));
    if (NO_KERNEL === null) kernel = await startKernel({ path: locateKernel() });
  });

  afterAll(async () => {
    await kernel?.stop();
    rmSync(root, { recursive: true });
  });

  const newFolder = (): string => mkdtempSync(join(root, 'task-'));

  async function compute(
    running: Kernel,
    structure: Structure,
    parameters: Record<string, unknown>,
    { folder = newFolder(), ...tools }: Partial<TaskTools> & { folder?: string } = {},
  ): Promise<InteractionEnergyResult> {
    const task = {
      task_id: 'task_abcdefghijkl',
      task_type: 'interaction-energy' as const,
      model: 'uff4mof',
      parameters,
      structure,
      structure_name: 'framework',
      device: 'cpu',
      folder,
    };
    const { result } = await runTask(task, {
      kernel: running,
      signal: new AbortController().signal,
      reporter: new Reporter(() => undefined),
      ...tools,
    });
    return interactionEnergyResultSchema.parse(result);
  }

  it('a_molecule_that_feels_nothing_has_the_henry_coefficient_of_an_ideal_gas', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const framework = builtin('LTA');
    const molecule = {
      name: 'ghost',
      sites: [{ element: 'He', position_A: [0, 0, 0], epsilon_K: 1e-60, sigma_A: 0.01 }],
    };
    const result = await compute(kernel, framework, { molecule, grid_spacing: 1, n_insertions: 5000 });
    // 1 / (R T rho) = V / (k T m).
    const mass_amu = framework.symbols.reduce((sum, symbol) => sum + elementOf(symbol).mass_amu, 0);
    const perPa = volumeOf(framework.cell!) / (BOLTZMANN_EV_K * 298.15) / (GPA_PER_EV_A3 * 1e9);
    const ideal = perPa / (mass_amu * 1e-3);
    expect(result.henry_coefficient_mol_kg_Pa / ideal).toBeCloseTo(1, 9);
    expect(result.henry_coefficient_grid_mol_kg_Pa / ideal).toBeCloseTo(1, 9);
    expect(result.henry_coefficient_standard_error_mol_kg_Pa! / ideal).toBeLessThan(1e-9);
    expect(result.mean_interaction_energy_eV).toBeCloseTo(0, 12);
    expect(result.isosteric_heat_kJ_mol).toBeCloseTo(BOLTZMANN_EV_K * 298.15 * KJ_MOL_PER_EV, 9);
    expect(result.accessible_fraction).toBe(1);
    expect(result.percolating_fraction).toBe(1);
  });

  it('cubes_sites_and_structure_belong_together', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const folder = newFolder();
    const framework = builtin('MOF-5_primitive');
    const result = await compute(kernel, framework, { ...QUICK, adsorbate: 'CO2', n_sites: 3 }, { folder });
    const [best] = result.sites;
    expect(best).toMatchObject({ converged: true, symbols: ['C', 'O', 'O'] });
    expect(best!.energy_eV).toBe(result.interaction_energy_eV);
    expect(result.sites.every(({ energy_eV }, i) => i === 0 || energy_eV >= result.sites[i - 1]!.energy_eV)).toBe(true);

    const cube = readFileSync(join(folder, 'energy_minimum.cube'), 'utf8').trimEnd().split('\n');
    const values = cube
      .slice(6 + framework.symbols.length)
      .join(' ')
      .trim()
      .split(/\s+/)
      .map(Number);
    expect(values).toHaveLength(result.grid.shape.reduce((a, b) => a * b));
    // A relaxed site lies below every point of the grid that it was found on.
    expect(Math.min(...values)).toBeGreaterThan(best!.classical_energy_eV);
    expect(Math.max(...values)).toBe(result.grid.cube_cap_eV);

    const path = join(folder, 'best.cif');
    const complex = parseStructure(readFileSync(path), path)[0].structure;
    expect(complex.symbols.slice(-3)).toEqual(['C', 'O', 'O']);
    expect(complex.symbols).toHaveLength(framework.symbols.length + 3);
    expect(readdirSync(folder).filter((name) => name.startsWith('checkpoint.'))).toEqual([]);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('Henry coefficient');
    expect(result.warnings.join()).toContain('charges=eqeq');
  });

  it('sodalite_cages_of_lta_are_pockets_that_methane_does_not_reach', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const framework = builtin('LTA');
    const options = { ...QUICK, grid_spacing: 0.5 };
    const blocked = await compute(kernel, framework, options);
    const { connectivity, averages, sites } = blocked;
    expect(connectivity.channels.map(({ dimensionality }) => dimensionality)).toEqual([3]);
    expect(connectivity.is_refined).toBe(true);
    expect(blocked.pocket_henry_share).toBeGreaterThan(0.01);
    expect(blocked.pockets_are_blocked).toBe(true);
    expect(blocked.henry_coefficient_mol_kg_Pa).toBe(averages.reachable.henry_coefficient_mol_kg_Pa);
    expect(sites.some(({ in_pocket }) => in_pocket)).toBe(false);
    expect(blocked.warnings.join()).toContain('They are left out');

    const open = await compute(kernel, framework, { ...options, block_pockets: 'never' });
    expect(open.averages).toEqual(averages);
    expect(open.henry_coefficient_mol_kg_Pa).toBe(averages.whole_cell.henry_coefficient_mol_kg_Pa);
    expect(open.interaction_energy_eV).toBe(Math.min(blocked.lowest_pocket_energy_eV!, sites[0]!.energy_eV));
    // The share by the grid and that by insertions are two estimates of one number.
    const share = 1 - averages.reachable.henry_coefficient_mol_kg_Pa / averages.whole_cell.henry_coefficient_mol_kg_Pa;
    expect(Math.abs(share - open.pocket_henry_share)).toBeLessThan(0.1);

    const onGrid = await compute(kernel, framework, { ...options, n_insertions: 0 });
    expect(onGrid.averages_source).toBe('grid');
    const { whole_cell, reachable } = onGrid.averages;
    expect(reachable.henry_coefficient_mol_kg_Pa / whole_cell.henry_coefficient_mol_kg_Pa).toBeCloseTo(
      1 - onGrid.pocket_henry_share,
      6,
    );
  });

  it('parameters_of_the_user_take_the_place_of_uff4mof', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const framework = builtin('LTA');
    const site = (name: string, factor: number) => ({ site: name, epsilon_K: 40 * factor, sigma_A: 3 });
    const of = (factor: number, more: Record<string, unknown> = {}) =>
      compute(kernel!, framework, {
        ...QUICK,
        n_insertions: 0,
        host_parameters: { citation: 'by hand', sites: ['Si', 'O', 'Al'].map((name) => site(name, factor)) },
        ...more,
      });
    const [weak, strong, shifted] = [await of(1), await of(4), await of(1, { lennard_jones: 'shifted' })];
    expect(weak.host_parameters_citation).toBe('by hand');
    expect(weak.warnings.join()).not.toContain('silicon');
    // Mixed geometrically: four times the depth of the framework is twice that of each pair, at the same places.
    expect(strong.interaction_energy_eV! / weak.interaction_energy_eV!).toBeCloseTo(2, 4);
    expect(shifted.interaction_energy_eV).toBeGreaterThan(weak.interaction_energy_eV!);
  });

  it('helium_finds_a_part_of_the_cell_empty', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const result = await compute(kernel, builtin('MOF-5_primitive'), { ...QUICK, helium_void_fraction: true });
    // RASPA 2 documents 0.804 for IRMOF-1 with another force field (bench/validation/raspa.ts).
    expect(result.helium_void_fraction!.value).toBeGreaterThan(0.7);
    expect(result.helium_void_fraction!.value).toBeLessThan(0.9);
    expect(result.helium_void_fraction!.standard_error).toBeLessThan(0.01);
  });

  it('a_molecule_that_does_not_fit_is_a_result_with_a_warning', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const result = await compute(kernel, ARGON, { ...QUICK, adsorbate: 'Xe', grid_spacing: 0.5 });
    expect(result.accessible_fraction).toBe(0);
    expect(result.henry_coefficient_mol_kg_Pa).toBeLessThan(1e-12);
    expect(result.warnings.join()).toContain('does not fit');
  });

  it('the_model_gives_differences_of_its_own_energies_at_the_same_sites', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    // Argon in LTA: one Lennard-Jones site both ways, and UFF's argon is what UFF4MOF types it as.
    const molecule = { name: 'argon', sites: [{ element: 'Ar', position_A: [0, 0, 0] }] };
    const options = { dialect: 'paper', cutoff_A: 12, tail_correction: false };
    const result = await compute(kernel, builtin('LTA'), {
      molecule,
      grid_spacing: 1,
      n_insertions: 0,
      n_sites: 2,
      energy_source: 'model',
      model_options: options,
    });
    const [site] = result.sites;
    expect(result).toMatchObject({ energy_source: 'model', averages_source: 'grid', n_insertions: 0 });
    expect(site!.energy_eV).toBe(site!.model_energy_eV);
    // UFF mixes geometrically, insertions by Lorentz and Berthelot: close, not equal.
    expect(site!.model_energy_eV! / site!.classical_energy_eV).toBeGreaterThan(0.5);
    expect(site!.model_energy_eV! / site!.classical_energy_eV).toBeLessThan(1.5);
  });

  it('configurations_are_compared_with_their_reference', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    // Two argon atoms in a large cell: the model's interaction energy is one Lennard-Jones pair, known by hand.
    const [epsilon, x] = [0.185 * 0.0433641042418009, 3.868];
    const pair = (r: number): number => epsilon * ((x / r) ** 12 - 2 * (x / r) ** 6);
    const configuration = (r: number, name: string) => ({
      name,
      structure: {
        format: 'xyz',
        content: `2\nLattice="40 0 0 0 40 0 0 0 40" Properties=species:S:1:pos:R:3 pbc="T T T"\nAr 1 1 1\nAr 1 1 ${1 + r}\n`,
      },
      n_guest_atoms: 1,
      interaction_energy_eV: pair(r) + 0.002,
      class: r < 3.868 ? 'R' : 'E',
    });
    const folder = newFolder();
    const result = await compute(
      kernel,
      ARGON,
      {
        ...QUICK,
        adsorbate: 'Ar',
        reference: [configuration(3.5, 'near'), configuration(3.9, 'at rest')],
        model_options: { tail_correction: false },
      },
      { folder },
    );
    const comparison = result.reference_comparison!;
    expect(comparison.mae_eV).toBeCloseTo(0.002, 8);
    expect(comparison.mean_error_eV).toBeCloseTo(-0.002, 8);
    expect(result).toMatchObject({ force_mae: null });
    expect(result.mae_vs_reference).toBe(comparison.mae_eV);
    expect(comparison.by_class.map((one) => one.class)).toEqual(['R', 'E']);
    expect(readFileSync(join(folder, 'reference.csv'), 'utf8').split('\n')[1]).toMatch(/^"near",R,2,/);
  });

  it('configurations_in_the_file_are_compared_as_those_in_the_parameters', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const lattice = 'Lattice="40 0 0 0 40 0 0 0 40" Properties=species:S:1:pos:R:3';
    const content = (keys: string) => `2\n${lattice}${keys} pbc="T T T"\nAr 1 1 1\nAr 1 1 4.5\n`;
    const inline = {
      structure: { format: 'xyz', content: content('') },
      n_guest_atoms: 1,
      interaction_energy_eV: -0.01,
    };
    const settings = { ...QUICK, adsorbate: 'Ar', model_options: { tail_correction: false } };
    const folder = newFolder();
    const framework = `1\n${lattice}\nAr 1 1 1\n`;
    writeFileSync(join(folder, 'input.xyz'), framework + content(' interaction_energy_eV=-0.01 n_guest_atoms=1'));
    const [given, fromFile] = [
      await compute(kernel, ARGON, { ...settings, reference: [inline] }),
      await compute(kernel, ARGON, { ...settings, reference_frames: true }, { folder }),
    ];
    expect(fromFile.mae_vs_reference).toBeGreaterThan(0);
    expect(fromFile.mae_vs_reference).toBe(given.mae_vs_reference);
  });

  it('a_task_that_made_room_goes_on_to_the_same_numbers', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const framework = builtin('LTA');
    const parameters = { adsorbate: 'CH4', grid_spacing: 0.5, n_insertions: 300_000 };
    const whole = await compute(kernel, framework, parameters);
    const folder = newFolder();
    const controller = new AbortController();
    // Between its chunks the kernel tells how far it is: some of the insertions are done, and not all.
    const stopInside = new Reporter((event: TaskEvent) => {
      if (event.type === 'progress' && event.progress > 66) controller.abort(new TaskPreempted());
    });
    const tools = { folder, checkpoint_interval_seconds: 3600 };
    const first = compute(kernel, framework, parameters, { ...tools, signal: controller.signal, reporter: stopInside });
    await expect(first).rejects.toThrow(TaskPreempted);
    expect(existsSync(join(folder, 'checkpoint.grid'))).toBe(true);
    expect(existsSync(join(folder, 'checkpoint.widom'))).toBe(true);
    // What was found before is there, whatever becomes of the rest.
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['sites.csv', 'best.cif', 'energy_minimum.cube']));
    const resumed = await compute(kernel, framework, parameters, tools);
    expect(resumed).toEqual(whole);
  });

  it('a_cancelled_task_and_one_out_of_time_end_as_such', async ({ skip }) => {
    if (kernel === null) return skip(NO_KERNEL ?? '');
    const controller = new AbortController();
    controller.abort();
    const framework = builtin('LTA');
    const stopped = compute(kernel, framework, QUICK, { signal: controller.signal });
    await expect(stopped).rejects.toSatisfy(isCancellation);
    const late = compute(kernel, framework, { ...QUICK, grid_spacing: 0.1 }, { deadline: new Deadline(0) });
    await expect(late).rejects.toThrow(TaskTimedOut);
  });
});
