// Energies on the points of a cell as a Gaussian cube, the format that ASE, VESTA and 3Dmol read. Pure.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { elementOf } from '../../structures/elements.ts';
import { wrapIntoCell } from '../../structures/supercell.ts';

/** Bohr radius, A. Source: CODATA 2022. */
const BOHR_A = 0.529177210544;
const PER_LINE = 6;

export interface CubeGrid {
  title: string;
  /** What the numbers are, with their unit. */
  quantity: string;
  shape: readonly [number, number, number];
  /** [a][b][c], at (i/n_a, j/n_b, k/n_c) of the cell. */
  values: Float32Array;
  /** Larger values, infinite ones too, are written as this. */
  cap: number;
}

/** Texts to be written one after another; the lengths are in bohr, as the format wants them. */
export function* cubeText(framework: Structure & { cell: Cell }, grid: CubeGrid): Generator<string> {
  yield header(framework, grid);
  const [n_a, n_b, n_c] = grid.shape;
  for (let a = 0; a < n_a; a += 1) {
    const rows: string[] = [];
    for (let b = 0; b < n_b; b += 1) rows.push(row(grid, (a * n_b + b) * n_c, n_c));
    yield rows.join('');
  }
}

function header(framework: Structure & { cell: Cell }, { title, quantity, shape, cap }: CubeGrid): string {
  const { symbols, positions } = wrapIntoCell(framework);
  const axes = framework.cell.map((vector, axis) => {
    const n = shape[axis] ?? 1;
    return line(n, vector.map((x) => x / n / BOHR_A) as Vector3);
  });
  const atoms = symbols.map((symbol, i) => {
    const position = positions[i] ?? [Number.NaN, Number.NaN, Number.NaN];
    const z = elementOf(symbol).atomic_number;
    return `${String(z).padStart(5)}${z.toFixed(6).padStart(12)}${bohr(position)}`;
  });
  return [
    oneLine(title),
    oneLine(`${quantity}; above ${cap} written as ${cap}`),
    line(symbols.length, [0, 0, 0]),
    ...axes,
    ...atoms,
    '',
  ].join('\n');
}

function line(count: number, vector_bohr: Vector3): string {
  return `${String(count).padStart(5)}${vector_bohr.map((x) => x.toFixed(6).padStart(12)).join('')}`;
}

function bohr(position: Vector3): string {
  return position.map((x) => (x / BOHR_A).toFixed(6).padStart(12)).join('');
}

function row({ values, cap }: CubeGrid, first: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i += 1) {
    const value = Math.min(cap, values[first + i] ?? cap);
    text += value.toExponential(5).padStart(13);
    if (i % PER_LINE === PER_LINE - 1 || i === count - 1) text += '\n';
  }
  return text;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
