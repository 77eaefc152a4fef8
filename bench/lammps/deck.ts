// Terms -> a LAMMPS data file and input script (units metal), so that LAMMPS evaluates exactly the terms that we evaluate.
// LAMMPS finds images by distance, so every perpendicular width of the cell must be at least twice the cutoff.
import type { Terms } from './terms.ts';

export interface Deck {
  data: string;
  /** Everything before `run`; the data file is expected under `dataFilename`. */
  input: string;
}

/** Numbers each distinct coefficient line from 1. */
class TypeTable {
  private readonly numbers = new Map<string, number>();

  numberOf(coefficients: string): number {
    const known = this.numbers.get(coefficients);
    if (known !== undefined) return known;
    this.numbers.set(coefficients, this.numbers.size + 1);
    return this.numbers.size;
  }

  get size(): number {
    return this.numbers.size;
  }

  lines(command: string): string[] {
    return [...this.numbers].map(([coefficients, number]) => `${command} ${number} ${coefficients}`);
  }
}

/** Degree of a polynomial whose rounding dust (1e-12 of the largest coefficient) counts as zero. */
function degreeOf(polynomial: readonly number[]): number {
  const largest = Math.max(...polynomial.map(Math.abs));
  return polynomial.findLastIndex((coefficient) => Math.abs(coefficient) > 1e-12 * largest);
}

/** cos(n theta) has leading coefficient 2^(n-1) as a polynomial in cos(theta). */
function leadingChebyshev(n: number): number {
  return 2 ** (n - 1);
}

function coefficient(polynomial: readonly number[], power: number): number {
  const value = polynomial[power];
  if (value === undefined) throw new Error(`The polynomial has no coefficient for power ${power}.`);
  return value;
}

/** Sub-style and coefficients of `angle_style hybrid cosine/periodic fourier`. */
export function angleCoefficients(polynomial: readonly number[]): string {
  const degree = degreeOf(polynomial);
  if (degree <= 2) {
    const c2 = coefficient(polynomial, 2) / 2;
    return `fourier 1.0 ${coefficient(polynomial, 0) + c2} ${coefficient(polynomial, 1)} ${c2}`;
  }
  // A (1 + s cos n theta) = 2C/n^2 [1 - B (-1)^n cos n theta] with C = A n^2 / 2.
  const signedAmplitude = coefficient(polynomial, degree) / leadingChebyshev(degree);
  const b = -Math.sign(signedAmplitude) * (-1) ** degree;
  return `cosine/periodic ${(Math.abs(signedAmplitude) * degree ** 2) / 2} ${b} ${degree}`;
}

/** Coefficients of `dihedral_style harmonic`: K (1 + d cos n phi). */
export function dihedralCoefficients(polynomial: readonly number[]): string {
  const degree = degreeOf(polynomial);
  const signedAmplitude = coefficient(polynomial, degree) / leadingChebyshev(degree);
  return `${Math.abs(signedAmplitude)} ${Math.sign(signedAmplitude)} ${degree}`;
}

/** Rows of a LAMMPS section, numbered from 1; atoms count from 1 there. */
function section(title: string, rows: readonly (readonly [type: number, ...atoms: number[]])[]): string[] {
  if (rows.length === 0) return [];
  return [
    '',
    title,
    '',
    ...rows.map(([type, ...atoms], i) => `${i + 1} ${type} ${atoms.map((atom) => atom + 1).join(' ')}`),
  ];
}

export function buildDeck(terms: Terms, dataFilename: string): Deck {
  const bondTypes = new TypeTable();
  const angleTypes = new TypeTable();
  const dihedralTypes = new TypeTable();
  const improperTypes = new TypeTable();

  const bonds = terms.bonds.map(([i, j, k, r0]) => [bondTypes.numberOf(`${k / 2} ${r0}`), i, j] as const);
  const angles = terms.angles.map(([i, j, k, p]) => [angleTypes.numberOf(angleCoefficients(p)), i, j, k] as const);
  const dihedrals = terms.torsions.map(
    ([i, j, k, l, p]) => [dihedralTypes.numberOf(dihedralCoefficients(p)), i, j, k, l] as const,
  );
  const impropers = terms.inversions.map(
    ([center, j, k, l, energy, c0, c1, c2]) =>
      [improperTypes.numberOf(`${energy} ${c0} ${c1} ${c2} 0`), center, j, k, l] as const,
  );

  const [[ax, ay, az], [bx, by, bz], [cx, cy, cz]] = terms.cell;
  if (Math.abs(ay) + Math.abs(az) + Math.abs(bz) > 1e-10) {
    throw new Error('LAMMPS needs a along x and b in the xy plane; rotate the structure first.');
  }
  const isOrthogonal = [bx, cx, cy].every((tilt) => Math.abs(tilt) < 1e-10);
  const data = [
    'terms as evaluated by mofkernel',
    '',
    `${terms.positions.length} atoms`,
    `${bonds.length} bonds`,
    `${angles.length} angles`,
    `${dihedrals.length} dihedrals`,
    `${impropers.length} impropers`,
    `${terms.n_lj_types} atom types`,
    `${bondTypes.size} bond types`,
    `${angleTypes.size} angle types`,
    `${dihedralTypes.size} dihedral types`,
    `${improperTypes.size} improper types`,
    `0 ${ax} xlo xhi`,
    `0 ${by} ylo yhi`,
    `0 ${cz} zlo zhi`,
    // LAMMPS is faster in a box that it knows to be orthogonal.
    ...(isOrthogonal ? [] : [`${bx} ${cx} ${cy} xy xz yz`]),
    '',
    'Masses',
    '',
    ...Array.from({ length: terms.n_lj_types }, (_, type) => `${type + 1} 1.0`),
    '',
    'Atoms # molecular',
    '',
    ...terms.positions.map(([x, y, z], i) => `${i + 1} 1 ${(terms.lj_type[i] ?? 0) + 1} ${x} ${y} ${z}`),
    ...section('Bonds', bonds),
    ...section('Angles', angles),
    ...section('Dihedrals', dihedrals),
    ...section('Impropers', impropers),
    '',
  ].join('\n');

  const pairs: string[] = [];
  for (let a = 0; a < terms.n_lj_types; a += 1) {
    for (let b = a; b < terms.n_lj_types; b += 1) {
      const epsilon = terms.lj_epsilon_eV[a * terms.n_lj_types + b];
      const x = terms.lj_x_A[a * terms.n_lj_types + b];
      if (epsilon === undefined || x === undefined) throw new Error('The Lennard-Jones pair table is incomplete.');
      pairs.push(`pair_coeff ${a + 1} ${b + 1} ${epsilon} ${x / 2 ** (1 / 6)}`);
    }
  }

  const input = [
    'units metal',
    'atom_style molecular',
    'boundary p p p',
    ...(isOrthogonal ? [] : ['box tilt large']),
    `pair_style lj/cut ${terms.cutoff_A}`,
    `pair_modify tail ${terms.tail_correction ? 'yes' : 'no'}`,
    'special_bonds lj 0.0 0.0 1.0',
    'bond_style harmonic',
    ...(angles.length > 0 ? ['angle_style hybrid cosine/periodic fourier'] : []),
    ...(dihedrals.length > 0 ? ['dihedral_style harmonic'] : []),
    ...(impropers.length > 0 ? ['improper_style fourier'] : []),
    `read_data ${dataFilename}`,
    ...pairs,
    ...bondTypes.lines('bond_coeff'),
    ...angleTypes.lines('angle_coeff'),
    ...dihedralTypes.lines('dihedral_coeff'),
    ...improperTypes.lines('improper_coeff'),
    'neighbor 2.0 bin',
    'neigh_modify every 1 delay 0 check yes',
    'timestep 0.0005',
    '',
  ].join('\n');
  return { data, input };
}
