// What an extended XYZ frame says about a framework with a guest, beside its structure: keys of the comment line and the column `forces`.
import type { Vector3 } from '../../contracts/structure.ts';
import { parseDecimal, parseInteger } from './numbers.ts';

export interface FrameReference {
  readonly interaction_energy_eV: number;
  /** null: the frame does not say it, or not as a number. */
  readonly n_guest_atoms: number | null;
  readonly name: string | null;
  readonly class: string | null;
  /** [n_atoms][3] eV/A; null without the column, NaN where it holds no number. */
  readonly forces_eV_A: readonly Vector3[] | null;
}

const ENERGY_KEY = 'interaction_energy_ev';
/** As ASE writes them. */
export const FORCES_PROPERTY = 'forces';

/**
 * @param keys of the comment line, in lower case
 * @param atomLines one per atom
 * @param forcesColumn null without the column
 * @returns null for a frame without an interaction energy
 */
export function readFrameReference(
  keys: ReadonlyMap<string, string>,
  atomLines: readonly string[],
  forcesColumn: number | null,
): FrameReference | null {
  const interaction_energy_eV = parseDecimal(keys.get(ENERGY_KEY) ?? '');
  if (interaction_energy_eV === undefined) return null;
  return {
    interaction_energy_eV,
    n_guest_atoms: parseInteger(keys.get('n_guest_atoms') ?? '') ?? null,
    name: keys.get('name') ?? null,
    class: keys.get('class') ?? null,
    forces_eV_A: forcesColumn === null ? null : atomLines.map((line) => forceOf(line, forcesColumn)),
  };
}

function forceOf(line: string, column: number): Vector3 {
  const words = line.trim().split(/\s+/);
  const at = (i: number): number => parseDecimal(words[column + i] ?? '') ?? Number.NaN;
  return [at(0), at(1), at(2)];
}
