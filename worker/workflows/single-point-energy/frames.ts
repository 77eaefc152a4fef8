// Every structure of the file of a single-point energy: read with limits, cut into batches, written as tables. Pure but for the reading.
import type { FrameEnergy } from '../../../contracts/results/single-point-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import type { StructureEvaluation } from '../../kernel-client/evaluate.ts';
import { readGivenFile } from '../../structures/given-file.ts';
import { parseUntrusted } from '../../structures/parse-in-worker.ts';
import { largestForce } from '../forces.ts';
import { formatCsv } from '../output/csv.ts';
import { formatTrajectoryFrame } from '../output/extended-xyz.ts';
import { toGPa } from '../stress.ts';

export interface NamedStructure {
  name: string;
  structure: Structure;
}

/** One request to the kernel: so many atoms are far beyond what a device needs to be busy, and their numbers fit into memory. */
const ATOMS_PER_BATCH = 50_000;

/** Of the file in the task's folder; only `first` where there is none. @throws StructureError */
export async function readFrames(folder: string, first: NamedStructure): Promise<NamedStructure[]> {
  const given = await readGivenFile(folder);
  if (given === null) return [first];
  const { structures } = await parseUntrusted(given.bytes, given.filename);
  return structures.map(({ name, structure }) => ({ name, structure }));
}

/** In their order; a structure that is larger than a batch is one. */
export function batchesOf<T extends { structure: Structure }>(frames: readonly T[], atoms = ATOMS_PER_BATCH): T[][] {
  const batches: T[][] = [];
  let nAtoms = Infinity;
  for (const frame of frames) {
    const { length } = frame.structure.symbols;
    if (nAtoms + length > atoms) {
      batches.push([]);
      nAtoms = 0;
    }
    batches.at(-1)?.push(frame);
    nAtoms += length;
  }
  return batches;
}

/**
 * The index of one that fails, by halving: a kernel that cannot compute a batch does not say which structure it was.
 *
 * @param items fail together
 */
export async function findFailing<T>(
  items: readonly T[],
  fail: (part: readonly T[]) => Promise<boolean>,
): Promise<number> {
  let [low, high] = [0, items.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await fail(items.slice(low, middle))) high = middle;
    else low = middle;
  }
  return low;
}

export function frameEnergy(
  index: number,
  { name, structure }: NamedStructure,
  { energy_eV, forces_eV_A: forces, stress_eV_A3: stress }: StructureEvaluation,
  asked: { stress: boolean },
): FrameEnergy {
  const n_atoms = structure.symbols.length;
  return {
    index,
    name,
    n_atoms,
    energy_eV,
    energy_per_atom_eV: energy_eV / n_atoms,
    ...(forces === null ? {} : { max_force_eV_A: largestForce(forces) }),
    ...(asked.stress ? { stress_GPa: stress === null ? null : toGPa(stress) } : {}),
  };
}

/** The frame as extended XYZ with its energy, forces and stress; empty without forces. */
export function formatFrame(index: number, { structure }: NamedStructure, evaluation: StructureEvaluation): string {
  const { energy_eV, forces_eV_A, stress_eV_A3: stress } = evaluation;
  if (forces_eV_A === null) return '';
  const voigt =
    stress === null ? null : [stress[0][0], stress[1][1], stress[2][2], stress[1][2], stress[0][2], stress[0][1]];
  return formatTrajectoryFrame({ structure, step: index, energy_eV, forces_eV_A, stress_voigt_eV_A3: voigt });
}

export function formatFrameTable(frames: readonly FrameEnergy[]): string {
  return formatCsv(
    ['index', 'n_atoms', 'energy_eV', 'energy_per_atom_eV', 'max_force_eV_A', 'pressure_GPa'],
    frames.map(({ index, n_atoms, energy_eV, energy_per_atom_eV, max_force_eV_A, stress_GPa: stress }) => [
      index,
      n_atoms,
      energy_eV,
      energy_per_atom_eV,
      max_force_eV_A ?? null,
      stress === undefined || stress === null
        ? null
        : -((stress[0]?.[0] ?? 0) + (stress[1]?.[1] ?? 0) + (stress[2]?.[2] ?? 0)) / 3,
    ]),
  );
}
