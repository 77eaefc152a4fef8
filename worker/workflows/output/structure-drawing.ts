// A structure as inline SVG: atoms, half bonds, edges of the cell, seen from a slant without perspective. Pure.
import type { Cell, Structure, Vector3 } from '../../../contracts/structure.ts';
import { dot, multiply, subtract } from '../../structures/cell.ts';
import { elementOf } from '../../structures/elements.ts';
import { visitNeighborPairs } from '../../structures/neighbor-pairs.ts';
import { wrapIntoCell } from '../../structures/supercell.ts';

const WIDTH = 720;
const HEIGHT = 420;
const MARGIN = 16;
/** Beyond this a picture of this size is a blot. */
const MAX_ATOMS = 1500;
/** Drawn as bonded below this multiple of the covalent radii's sum; only for the eye, the potential has its own rules. */
const BOND_TOLERANCE = 1.15;
const LONGEST_BOND_A = 3.2;
const ATOM_SCALE = 0.42;

const YAW = (24 * Math.PI) / 180;
const PITCH = (14 * Math.PI) / 180;
const RIGHT: Vector3 = [Math.cos(YAW), Math.sin(YAW), 0];
const UP: Vector3 = [-Math.sin(PITCH) * Math.sin(YAW), Math.sin(PITCH) * Math.cos(YAW), Math.cos(PITCH)];
const TOWARDS_EYE: Vector3 = [Math.cos(PITCH) * Math.sin(YAW), -Math.cos(PITCH) * Math.cos(YAW), Math.sin(PITCH)];

/** The colors that most molecular viewers use. */
const COLORS: Readonly<Record<string, string>> = {
  H: '#e8e8e8',
  C: '#8c8c8c',
  N: '#3c5cf0',
  O: '#f0281e',
  F: '#7cd850',
  Cl: '#1fd01f',
  Br: '#a62929',
  S: '#f0d030',
  P: '#ff8000',
  Mg: '#6cc800',
  Al: '#bfa6a6',
  Si: '#e0b890',
  Ti: '#b0b4b8',
  V: '#94949c',
  Cr: '#8a99c7',
  Mn: '#9c7ac7',
  Fe: '#e06633',
  Co: '#e07f90',
  Ni: '#50c050',
  Cu: '#c88033',
  Zn: '#7d80b0',
  Zr: '#70c8c8',
};
const OTHER_COLOR = '#b070c0';

interface Shape {
  depth: number;
  /** Two corners that the picture must contain. */
  low: [number, number];
  high: [number, number];
  draw: (view: View) => string;
}

interface View {
  x: (right: number) => number;
  y: (up: number) => number;
  scale: number;
}

/** @returns null for a structure with no atoms, or with too many to be seen */
export function drawStructure(structure: Structure): string | null {
  const nAtoms = structure.symbols.length;
  if (nAtoms === 0 || nAtoms > MAX_ATOMS) return null;
  const wrapped = structure.cell === null ? structure : wrapIntoCell(structure);
  const shapes = [...atomShapes(wrapped), ...bondShapes(wrapped), ...edgeShapes(wrapped.cell)];
  const view = fit(shapes);
  const body = shapes.sort((a, b) => a.depth - b.depth).map((shape) => shape.draw(view));
  return [
    `<svg class="structure" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Structure">`,
    ...body,
    '</svg>',
  ].join('\n');
}

function atomShapes({ positions, symbols }: Structure): Shape[] {
  return positions.map((position, i) => {
    const symbol = symbols[i] ?? '';
    const [x, y, depth] = project(position);
    const radius = ATOM_SCALE * elementOf(symbol).covalent_radius_A;
    return {
      depth,
      low: [x - radius, y - radius],
      high: [x + radius, y + radius],
      draw: (view) =>
        `<circle cx="${pixel(view.x(x))}" cy="${pixel(view.y(y))}" r="${pixel(view.scale * radius)}" fill="${colorOf(symbol)}"/>`,
    };
  });
}

/** Each atom draws its half of a bond, so that bonds through the boundary end in the open. */
function bondShapes(structure: Structure): Shape[] {
  const { cell, positions, symbols } = structure;
  const shapes: Shape[] = [];
  visitNeighborPairs(structure, LONGEST_BOND_A, ({ i, j, shift, distance }) => {
    const [a, b] = [symbols[i] ?? '', symbols[j] ?? ''];
    const reach = BOND_TOLERANCE * (elementOf(a).covalent_radius_A + elementOf(b).covalent_radius_A);
    const [from, to] = [positions[i], positions[j]];
    if (distance > reach || from === undefined || to === undefined) return true;
    const image = cell === null ? to : add(to, multiply(shift, cell));
    const half = subtract(image, from).map((component) => component / 2) as Vector3;
    shapes.push(lineShape(from, add(from, half), 'bond', colorOf(a)));
    shapes.push(lineShape(to, subtract(to, half), 'bond', colorOf(b)));
    return true;
  });
  return shapes;
}

function edgeShapes(cell: Cell | null): Shape[] {
  if (cell === null) return [];
  const corners = [0, 1].flatMap((a) => [0, 1].flatMap((b) => [0, 1].map((c): Vector3 => [a, b, c])));
  return corners.flatMap((corner) =>
    [0, 1, 2]
      .filter((axis) => corner[axis] === 0)
      .map((axis) => {
        const end = corner.map((component, k) => (k === axis ? 1 : component)) as Vector3;
        return lineShape(multiply(corner, cell), multiply(end, cell), 'edge', null);
      }),
  );
}

function lineShape(from: Vector3, to: Vector3, name: string, color: string | null): Shape {
  const [x1, y1, z1] = project(from);
  const [x2, y2, z2] = project(to);
  const stroke = color === null ? '' : ` stroke="${color}"`;
  return {
    depth: (z1 + z2) / 2,
    low: [Math.min(x1, x2), Math.min(y1, y2)],
    high: [Math.max(x1, x2), Math.max(y1, y2)],
    draw: (view) =>
      `<path class="${name}"${stroke} d="M${pixel(view.x(x1))} ${pixel(view.y(y1))}L${pixel(view.x(x2))} ${pixel(view.y(y2))}"/>`,
  };
}

function fit(shapes: readonly Shape[]): View {
  const smallest = (values: number[]) => values.reduce((a, b) => Math.min(a, b));
  const largest = (values: number[]) => values.reduce((a, b) => Math.max(a, b));
  const [left, bottom] = [smallest(shapes.map(({ low }) => low[0])), smallest(shapes.map(({ low }) => low[1]))];
  const [right, top] = [largest(shapes.map(({ high }) => high[0])), largest(shapes.map(({ high }) => high[1]))];
  const scale = Math.min(
    (WIDTH - 2 * MARGIN) / Math.max(right - left, 1),
    (HEIGHT - 2 * MARGIN) / Math.max(top - bottom, 1),
  );
  return {
    x: (value) => WIDTH / 2 + scale * (value - (left + right) / 2),
    y: (value) => HEIGHT / 2 - scale * (value - (bottom + top) / 2),
    scale,
  };
}

/** @returns right and up on the picture, and how near to the eye, A */
function project(position: Vector3): Vector3 {
  return [dot(position, RIGHT), dot(position, UP), dot(position, TOWARDS_EYE)];
}

function add(u: Vector3, v: Vector3): Vector3 {
  return [u[0] + v[0], u[1] + v[1], u[2] + v[2]];
}

function colorOf(symbol: string): string {
  return COLORS[symbol] ?? OTHER_COLOR;
}

function pixel(value: number): string {
  return value.toFixed(1);
}
