// `node bench/validation/bulk-modulus-parts.ts FOLDER NAME...`: which terms of UFF4MOF carry a bulk modulus. The energy of every strained structure of the
// task is taken apart; along one path of volumes the second derivatives of the parts add up to that of the whole. Also with the dialect of the usual LAMMPS
// decks, and under hydrostatic pressure, where the cell may change its shape. Prints a table in Markdown; FOLDER holds the reference data with an index.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { bulkModulusResultSchema } from '../../contracts/results/bulk-modulus.ts';
import type { Structure } from '../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../contracts/units.ts';
import { evaluateStructures } from '../../worker/kernel-client/evaluate.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { relaxStructures } from '../../worker/kernel-client/relax.ts';
import { volumeOf } from '../../worker/structures/cell.ts';
import { parseStructure } from '../../worker/structures/parse-structure.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';
import { readDftCurves } from './dft-curves.ts';
import { plainName } from './published-relaxations.ts';

type Dialect = 'paper' | 'lammps_interface';
const PARTS = ['bond', 'angle', 'torsion', 'inversion', 'van_der_waals'] as const;
/** Of the pressures at which the cell is relaxed, GPa: both ways, small against any modulus here. */
const PRESSURE_GPA = 0.05;
const RELAXATION = { fmax: 0.001, max_steps: 5000 } as const;

const indexSchema = z.array(z.object({ name: z.string(), set: z.string(), file: z.string() }));

interface Taken {
  bulk_modulus_GPa: number;
  /** V d2E/dV2 of each of PARTS at the volume of the fit, GPa. */
  parts_GPa: number[];
  relaxed: Structure;
}

async function strain(kernel: Kernel, structure: Structure, dialect: Dialect): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-parts-'));
  const options = { dialect, fallback: 'uff' } as const;
  try {
    const { result } = await runTask(
      {
        task_id: 'task_validation',
        task_type: 'bulk-modulus',
        model: 'uff4mof',
        parameters: { strain_range: 0.04, num_points: 11, fmax: 0.001, max_steps: 3000, model_options: options },
        structure,
        structure_name: 'strained',
        device: 'cpu',
        folder,
      },
      { kernel, signal: new AbortController().signal, reporter: new Reporter(() => undefined) },
    );
    const found = bulkModulusResultSchema.parse(result);
    const strained = read(join(folder, 'strained.xyz'));
    const { structures: evaluated } = await evaluateStructures(
      kernel,
      strained,
      { ...computed(dialect), topology: structure },
      { forces: false, stress: false },
    );
    const volumes = strained.map(({ cell }) => (cell === null ? Number.NaN : volumeOf(cell)));
    const parts_GPa = PARTS.map((part) => {
      const energies = evaluated.map(({ energy_components_eV }) => componentOf(energy_components_eV, part));
      return found.equilibrium_volume_A3 * curvature(volumes, energies) * GPA_PER_EV_A3;
    });
    const [relaxed] = read(join(folder, 'relaxed.cif'));
    if (relaxed === undefined) throw new TypeError('no relaxed structure');
    return { bulk_modulus_GPa: found.bulk_modulus_GPa, parts_GPa, relaxed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function computed(dialect: Dialect) {
  const options = { dialect, fallback: 'uff', cutoff_A: 12.5 } as const;
  return { potential: { kind: 'uff4mof', options }, device: 'cpu', precision: 'float64' } as const;
}

function componentOf(components: Readonly<Record<string, number>>, part: string): number {
  const value = components[part];
  if (value === undefined) throw new RangeError(`no component ${part} among ${Object.keys(components).join(', ')}`);
  return value;
}

/** Second derivative at the middle of a parabola through the points, by least squares. */
function curvature(x: readonly number[], y: readonly number[]): number {
  const middle = x.reduce((sum, value) => sum + value, 0) / x.length;
  const w = x.map((value) => (value - middle) ** 2);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  // The volumes are evenly spaced: the linear term is orthogonal to the others.
  const centered = w.map((value) => value - mean(w));
  const product = centered.reduce((sum, value, i) => sum + value * (y[i] ?? Number.NaN), 0);
  return (2 * product) / centered.reduce((sum, value) => sum + value ** 2, 0);
}

/** -V dP/dV where the cell may change its shape. */
async function hydrostatic(kernel: Kernel, topology: Structure, relaxed: Structure): Promise<number> {
  const volumes: number[] = [];
  for (const pressure of [-PRESSURE_GPA, PRESSURE_GPA]) {
    const settings = {
      ...computed('paper'),
      topology,
      optimizer: 'LBFGS',
      fmax_eV_A: RELAXATION.fmax,
      max_steps: RELAXATION.max_steps,
      cell_mode: 'full',
      pressure_eV_A3: pressure / GPA_PER_EV_A3,
      frame_interval: 1000,
    } as const;
    const { structures } = await relaxStructures(kernel, [relaxed], settings, () => undefined, {});
    const cell = structures[0]?.structure.cell ?? null;
    volumes.push(cell === null ? Number.NaN : volumeOf(cell));
  }
  const [low = Number.NaN, high = Number.NaN] = volumes;
  return (PRESSURE_GPA * (low + high)) / (low - high);
}

function read(path: string): Structure[] {
  return parseStructure(readFileSync(path), basename(path)).map(({ structure }) => structure);
}

async function print(folder: string, names: readonly string[]): Promise<void> {
  const index = indexSchema.parse(JSON.parse(readFileSync(join(folder, 'structures', 'index.json'), 'utf8')));
  const dft = new Map(readDftCurves(folder).map((curve) => [plainName(curve.structure), curve.bulk_modulus_GPa]));
  const write = (text: string): void => void process.stdout.write(`${text}\n`);
  write(`| structure | paper, GPa | over DFT | hydrostatic, GPa | ${PARTS.join(' | ')} | lammps_interface, GPa |`);
  write(`| --- | ---: | ---: | ---: | ${PARTS.map(() => '---:').join(' | ')} | ---: |`);
  for (const name of names) {
    const entry = index.find((one) => one.name === name && one.set === 'main_set');
    const kernel = await startKernel({ path: locateKernel() });
    try {
      const [structure] = entry === undefined ? [] : read(join(folder, 'structures', entry.file));
      if (structure === undefined) throw new RangeError(`no structure ${name}`);
      const paper = await strain(kernel, structure, 'paper');
      const soft = await hydrostatic(kernel, structure, paper.relaxed);
      const decks = await strain(kernel, structure, 'lammps_interface');
      const whole = paper.parts_GPa.reduce((sum, part) => sum + part, 0);
      const shares = paper.parts_GPa.map((part) => `${((100 * part) / whole).toFixed(0)} %`);
      const ratio = paper.bulk_modulus_GPa / (dft.get(plainName(name)) ?? Number.NaN);
      write(
        `| ${name} | ${paper.bulk_modulus_GPa.toFixed(2)} | ${ratio.toFixed(2)} | ${soft.toFixed(2)} | ${shares.join(' | ')} | ` +
          `${decks.bulk_modulus_GPa.toFixed(2)} |`,
      );
    } catch (error) {
      write(`| ${name} | ${error instanceof Error ? error.message : String(error)} |`);
    } finally {
      await kernel.stop();
    }
  }
}

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined || names.length === 0)
  throw new Error('Name the folder of the reference data and structures.');
await print(folder, names);
