// The atom sites of a CIF data block: element, coordinates, occupancy, disorder; and the choice among alternatives.
import type { Vector3 } from '../../contracts/structure.ts';
import type { CifBlock, CifLoop, CifValue } from './cif-syntax.ts';
import { isElement } from './elements.ts';
import { parseDecimalWithUncertainty } from './numbers.ts';
import { StructureError, listNames, quoteText } from './structure-error.ts';

export interface AtomSite {
  /** As in the file, white space replaced by `_`. */
  readonly label: string;
  readonly symbol: string;
  readonly fractional: Vector3;
  readonly occupancy: number;
  /** null = not part of an alternative (`.` or 0). */
  readonly disorderGroup: string | null;
  readonly disorderAssembly: string;
  /** `_atom_site_charge`, e; null where it is unknown or no number. */
  readonly charge: number | null;
  /** Row in the atom loop, for columns that other readers of the block add. */
  readonly row: number;
}

/** Partial charges; `_atom_type_oxidation_number` is something else. */
export const CHARGE_TAG = '_atom_site_charge';

interface Selection<T> {
  readonly kept: readonly T[];
  readonly warnings: readonly string[];
}

/** Refined occupancies of full sites scatter by about this much; sums of alternatives by up to 0.05. */
const OCCUPANCY_TOLERANCE = 0.01;
const OCCUPANCY_SUM_TOLERANCE = 0.05;

/** A block's atom table: its loop, or one row made of single items (a CIF with one atom needs no loop). */
export function atomTable(block: CifBlock): CifLoop | undefined {
  const loop = block.loops.find(({ columns }) =>
    [...columns.keys()].some((tag) => tag.startsWith('_atom_site_fract_')),
  );
  if (loop !== undefined || !block.items.has('_atom_site_fract_x')) return loop;
  const entries = [...block.items].filter(([tag]) => tag.startsWith('_atom_site_') || tag.startsWith('_mofsimbench_'));
  return {
    columns: new Map(entries.map(([tag], column) => [tag, column])),
    nRows: 1,
    value: (_row, column) => entries[column]?.[1] ?? null,
  };
}

/**
 * @param formulaElements elements of `_chemical_formula_sum`, which settle labels such as CA1; empty when unknown
 * @throws StructureError missing_field | invalid_value | unknown_element
 */
export function readAtomSites(table: CifLoop, formulaElements: ReadonlySet<string>): Selection<AtomSite> {
  const columnOf = (tag: string): number | undefined => table.columns.get(tag);
  const read = (row: number, tag: string): CifValue => {
    const column = columnOf(tag);
    return column === undefined ? null : table.value(row, column);
  };
  for (const axis of 'xyz') {
    if (columnOf(`_atom_site_fract_${axis}`) === undefined) {
      throw new StructureError('missing_field', `The atom loop has no _atom_site_fract_${axis} column.`);
    }
  }
  if (columnOf('_atom_site_label') === undefined && columnOf('_atom_site_type_symbol') === undefined) {
    throw new StructureError('missing_field', 'The atom loop has neither _atom_site_label nor _atom_site_type_symbol.');
  }
  const kept: AtomSite[] = [];
  const dummies: string[] = [];
  const empty: string[] = [];
  const deuterium: string[] = [];
  for (let row = 0; row < table.nRows; row += 1) {
    const typeSymbol = read(row, '_atom_site_type_symbol');
    const label = (read(row, '_atom_site_label') ?? typeSymbol ?? '?').replace(/\s+/g, '_') || '?';
    if (read(row, '_atom_site_calc_flag')?.toLowerCase() === 'dum') {
      dummies.push(label);
      continue;
    }
    const occupancy = readOccupancy(read(row, '_atom_site_occupancy'), label);
    if (occupancy === 0) {
      empty.push(label);
      continue;
    }
    const element = resolveElement(typeSymbol, label, formulaElements);
    if (element === 'D' || element === 'T') deuterium.push(label);
    const group = read(row, '_atom_site_disorder_group');
    kept.push({
      label,
      symbol: element === 'D' || element === 'T' ? 'H' : element,
      fractional: [
        readCoordinate(read(row, '_atom_site_fract_x'), label, 'x'),
        readCoordinate(read(row, '_atom_site_fract_y'), label, 'y'),
        readCoordinate(read(row, '_atom_site_fract_z'), label, 'z'),
      ],
      occupancy,
      disorderGroup: group === '0' ? null : group,
      disorderAssembly: read(row, '_atom_site_disorder_assembly') ?? '.',
      charge: readCharge(read(row, CHARGE_TAG)),
      row,
    });
  }
  const warnings: string[] = [];
  if (dummies.length > 0) warnings.push(`Dummy sites were left out: ${listNames(dummies)}.`);
  if (empty.length > 0) warnings.push(`Sites with occupancy 0 were left out: ${listNames(empty)}.`);
  if (deuterium.length > 0) warnings.push(`Hydrogen isotopes are treated as H: ${listNames(deuterium)}.`);
  return { kept, warnings };
}

function readCoordinate(value: CifValue, label: string, axis: string): number {
  const coordinate = value === null ? undefined : parseDecimalWithUncertainty(value);
  if (coordinate === undefined) {
    throw new StructureError(
      'invalid_value',
      `Atom ${label}: _atom_site_fract_${axis} is ${value === null ? 'not known' : quoteText(value)}; a number is needed.`,
    );
  }
  return coordinate;
}

/** Charges matter to few calculations: a bad one is no reason to refuse the file. */
function readCharge(value: CifValue): number | null {
  return value === null ? null : (parseDecimalWithUncertainty(value) ?? null);
}

function readOccupancy(value: CifValue, label: string): number {
  if (value === null) return 1;
  const occupancy = parseDecimalWithUncertainty(value);
  if (occupancy === undefined || occupancy < 0 || occupancy > 1 + OCCUPANCY_SUM_TOLERANCE) {
    throw new StructureError(
      'invalid_value',
      `Atom ${label}: the occupancy ${quoteText(value)} is no number from 0 to 1.`,
    );
  }
  return occupancy;
}

/** @returns an element symbol, or D or T */
function resolveElement(typeSymbol: string | null, label: string, formulaElements: ReadonlySet<string>): string {
  const source = typeSymbol ?? label;
  const letters = (/^[A-Za-z]{1,3}/.exec(source)?.[0] ?? '').slice(0, 2);
  const [first, second] = [letters.charAt(0).toUpperCase(), letters.charAt(1)];
  const long = first + second.toLowerCase();
  const candidates = (second === '' ? [first] : [long, first]).filter(
    (symbol) => isElement(symbol) || /^[DT]$/.test(symbol),
  );
  const [best, other] = candidates;
  // Labels that name a role and no element: the T sites of zeolites are Si or Al, and water is no tungsten.
  if ((best === 'T' && typeSymbol === null) || /^wat/i.test(source)) {
    throw new StructureError(
      'unknown_element',
      `Atom ${label}: ${quoteText(source)} names a site, not an element; set _atom_site_type_symbol.`,
    );
  }
  if (best === undefined) {
    throw new StructureError(
      'unknown_element',
      `Atom ${label}: ${quoteText(source)} begins with no element symbol; set _atom_site_type_symbol.`,
    );
  }
  // "Zn1" and a type symbol leave no doubt; "CA1" may be calcium or a carbon called A.
  if (other === undefined || typeSymbol !== null || second === second.toLowerCase()) return best;
  const inFormula = candidates.filter((symbol) => formulaElements.has(symbol));
  const [only, another] = inFormula;
  if (only !== undefined && another === undefined) return only;
  throw new StructureError(
    'unknown_element',
    `Atom ${label} may be ${best} or ${other}; add an _atom_site_type_symbol column to the atom loop.`,
  );
}

/** @returns symbols of `_chemical_formula_sum`, for example "C24 H12 O13 Zn4" */
export function elementsOfFormula(formula: CifValue): ReadonlySet<string> {
  const symbols = (formula ?? '').slice(0, 2000).match(/[A-Z][a-z]?/g) ?? [];
  return new Set(symbols.map((symbol) => (symbol === 'D' ? 'H' : symbol)).filter(isElement));
}

/**
 * Keep one alternative per disorder assembly: the group with the highest mean occupancy, the lowest label on a tie.
 *
 * @returns the sites that stay, all of them meant to be full
 * @throws StructureError unresolved_disorder when occupancies do not describe alternatives of one site
 */
export function resolveDisorder(sites: readonly AtomSite[]): Selection<AtomSite> {
  const ordered = sites.filter((site) => site.disorderGroup === null);
  const partial = ordered.filter((site) => site.occupancy < 1 - OCCUPANCY_TOLERANCE);
  if (partial.length > 0) {
    throw new StructureError(
      'unresolved_disorder',
      `Partially occupied without a disorder group: ${listNames(partial.map(describeOccupancy))}. ` +
        'Decide which atoms are present, set their occupancy to 1 and delete the others, or state the alternatives with ' +
        '_atom_site_disorder_group.',
      { labels: partial.map(({ label }) => label) },
    );
  }
  const dropped = new Set<AtomSite>();
  const warnings: string[] = [];
  for (const [assembly, members] of groupBy(sites, (site) =>
    site.disorderGroup === null ? null : site.disorderAssembly,
  )) {
    if (members.every((site) => site.occupancy >= 1 - OCCUPANCY_TOLERANCE)) continue;
    const groups = [...groupBy(members, (site) => site.disorderGroup)].map(([label, its]) => ({
      label,
      sites: its,
      occupancy: meanOccupancy(its),
    }));
    const best = chooseGroup(assembly, groups);
    const losers = groups.filter((group) => group !== best);
    for (const site of losers.flatMap((group) => group.sites)) dropped.add(site);
    const lost = losers.flatMap((group) => group.sites.map(describeOccupancy));
    warnings.push(
      `Disorder${assembly === '.' ? '' : ` (assembly ${assembly})`}: group ${best.label} with occupancy ` +
        `${best.occupancy.toFixed(2)} was kept as full; left out: ${listNames(lost)}.`,
    );
  }
  return { kept: sites.filter((site) => !dropped.has(site)), warnings };
}

interface DisorderGroup {
  readonly label: string;
  readonly sites: readonly AtomSite[];
  readonly occupancy: number;
}

function chooseGroup(assembly: string, groups: readonly DisorderGroup[]): DisorderGroup {
  const where = assembly === '.' ? 'The disorder groups' : `The disorder groups of assembly ${assembly}`;
  const told = groups.map(({ label, occupancy, sites }) => {
    return `group ${label} (${listNames(
      sites.map((site) => site.label),
      4,
    )}) with occupancy ${occupancy.toFixed(2)}`;
  });
  const refuse = (why: string): StructureError =>
    new StructureError(
      'unresolved_disorder',
      `${where} cannot be resolved: ${listNames(told, 4)}; ${why} Keep one set of full atoms by hand.`,
      { labels: groups.flatMap(({ sites }) => sites.map(({ label }) => label)) },
    );
  const sum = groups.reduce((total, { occupancy }) => total + occupancy, 0);
  if (sum > 1 + OCCUPANCY_SUM_TOLERANCE) {
    throw refuse(
      `together they exceed 1, so they are not alternatives of one site; _atom_site_disorder_assembly must tell them apart.`,
    );
  }
  if (sum < 1 - OCCUPANCY_SUM_TOLERANCE) {
    throw refuse(
      'together they stay below 1, so some cells have atoms here and others none, or a symmetry element doubles them.',
    );
  }
  const [best] = [...groups].sort((p, q) => q.occupancy - p.occupancy || compareLabels(p.label, q.label));
  if (best === undefined || best.label.startsWith('-')) {
    throw refuse('a negative group is disordered about a symmetry element of the crystal itself.');
  }
  return best;
}

function compareLabels(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  return Number.isFinite(x) && Number.isFinite(y) && x !== y ? x - y : a < b ? -1 : 1;
}

function describeOccupancy({ label, occupancy }: AtomSite): string {
  return `${label} (${occupancy})`;
}

function meanOccupancy(sites: readonly AtomSite[]): number {
  return sites.reduce((sum, site) => sum + site.occupancy, 0) / sites.length;
}

/** Items by key, in order of appearance; those whose key is null are left out. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [item]);
    else members.push(item);
  }
  return groups;
}
