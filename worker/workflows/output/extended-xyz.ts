// Frames of a trajectory as extended XYZ, the dialect that ASE reads: Lattice, energy, forces, stress. Pure.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { formatExact } from '../../structures/numbers.ts';

export interface TrajectoryFrame {
  structure: Structure;
  step: number;
  energy_eV: number;
  /** [n_atoms], eV/A. */
  forces_eV_A: readonly Vector3[];
  /** Voigt order xx yy zz yz xz xy, eV/A^3, positive = tensile; null when not defined. */
  stress_voigt_eV_A3: readonly number[] | null;
}

/** Numbers are written so that they read back bit for bit. */
export function formatTrajectoryFrame(frame: TrajectoryFrame): string {
  const { structure, step, energy_eV, forces_eV_A, stress_voigt_eV_A3 } = frame;
  const comment = [
    ...(structure.cell === null ? [] : [`Lattice="${formatCell(structure.cell)}"`]),
    'Properties=species:S:1:pos:R:3:forces:R:3',
    `energy=${formatExact(energy_eV)}`,
    ...(stress_voigt_eV_A3 === null ? [] : [`stress="${formatStress(stress_voigt_eV_A3)}"`]),
    `pbc="${structure.pbc.map((isPeriodic) => (isPeriodic && structure.cell !== null ? 'T' : 'F')).join(' ')}"`,
    `step=${step}`,
  ];
  const atoms = structure.symbols.map((symbol, i) => {
    const position = structure.positions[i] ?? [Number.NaN, Number.NaN, Number.NaN];
    const force = forces_eV_A[i] ?? [Number.NaN, Number.NaN, Number.NaN];
    return [symbol, ...[...position, ...force].map(formatExact)].join(' ');
  });
  return `${structure.symbols.length}\n${comment.join(' ')}\n${atoms.join('\n')}\n`;
}

function formatCell(cell: Cell): string {
  return cell.flat().map(formatExact).join(' ');
}

/** Nine numbers, because six would leave their order to the reader. */
function formatStress(voigt: readonly number[]): string {
  const [xx = 0, yy = 0, zz = 0, yz = 0, xz = 0, xy = 0] = voigt;
  return [xx, xy, xz, xy, yy, yz, xz, yz, zz].map(formatExact).join(' ');
}
