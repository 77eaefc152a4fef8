// CIF -> structures: one per data block that lists atoms. Syntax, sites, symmetry and disorder have their own files.
import type { Cell, Structure, Vector3 } from '../../contracts/structure.ts';
import { cellFromParameters, multiply } from './cell.ts';
import { assertValidStructure } from './checks.ts';
import type { AtomSite } from './cif-sites.ts';
import { CHARGE_TAG, atomTable, elementsOfFormula, readAtomSites, resolveDisorder } from './cif-sites.ts';
import type { SymmetryReading } from './cif-symmetry.ts';
import { readSymmetry } from './cif-symmetry.ts';
import type { CifBlock, CifLoop } from './cif-syntax.ts';
import { parseCifSyntax } from './cif-syntax.ts';
import { exactGeometry } from './cif-exact.ts';
import type { ExpandedAtom } from './expand-symmetry.ts';
import { expandSymmetry } from './expand-symmetry.ts';
import { parseDecimalWithUncertainty } from './numbers.ts';
import type { ParsedStructure, ParseLimits } from './parsed-structure.ts';
import { StructureError, listNames, quoteText } from './structure-error.ts';

/**
 * @returns one structure per data block with atoms, in order of the file
 * @throws StructureError when no block can be used; a block that fails beside good ones becomes a warning
 */
export function parseCif(text: string, limits: ParseLimits): ParsedStructure[] {
  const blocks = parseCifSyntax(text);
  const withAtoms = blocks.flatMap((block) => {
    const table = atomTable(block);
    return table === undefined ? [] : [{ block, table }];
  });
  if (withAtoms.length === 0) {
    const names = blocks.map(({ name }) => quoteText(name));
    throw new StructureError(
      'no_atoms',
      blocks.length === 0
        ? 'The file has no data block; a CIF begins with a line "data_<name>".'
        : `No data block lists atoms with fractional coordinates (_atom_site_fract_x); blocks: ${listNames(names)}.`,
    );
  }
  if (withAtoms.length > limits.maxStructures) {
    throw new StructureError(
      'too_many_structures',
      `The file holds ${withAtoms.length} structures; at most ${limits.maxStructures} are accepted. Split it.`,
    );
  }
  const parsed: ParsedStructure[] = [];
  const failures: { readonly name: string; readonly error: StructureError }[] = [];
  for (const { block, table } of withAtoms) {
    try {
      parsed.push(readBlock(block, table, limits));
    } catch (error) {
      if (!(error instanceof StructureError)) throw error;
      failures.push({ name: block.name, error });
    }
  }
  const [first, ...rest] = parsed;
  if (first === undefined) throw failures[0]?.error ?? new StructureError('no_atoms', 'The file lists no atoms.');
  const skipped = failures.map(({ name, error }) => `Data block ${quoteText(name)} was skipped: ${error.message}`);
  return [{ ...first, warnings: [...first.warnings, ...skipped] }, ...rest];
}

function readBlock(block: CifBlock, table: CifLoop, limits: ParseLimits): ParsedStructure {
  const cell = readCell(block);
  const formula = elementsOfFormula(block.items.get('_chemical_formula_sum') ?? null);
  const sites = readAtomSites(table, formula);
  const chosen = resolveDisorder(sites.kept);
  const symmetry = readSymmetry(block, cell);
  const warnings = [...block.warnings, ...sites.warnings, ...chosen.warnings, ...symmetry.warnings];
  const structure = buildOneReading(chosen.kept, symmetry.readings, cell, limits);
  const isComplete = chosen.kept.length === table.nRows && structure.positions.length === table.nRows;
  const exact = isComplete ? exactGeometry(block, table, structure) : { structure, warnings: [] };
  warnings.push(
    ...exact.warnings,
    ...compareWithFormula(structure, formula),
    ...tellMissingCharges(table, chosen.kept),
  );
  return { format: 'cif', name: block.name, structure: exact.structure, warnings };
}

function readCell(block: CifBlock): Cell {
  const read = (tag: string): number => {
    const text = block.items.get(tag) ?? null;
    if (text === null) {
      throw new StructureError(
        'bad_cell',
        `The data block ${quoteText(block.name)} has no ${tag}; a CIF needs the whole cell.`,
      );
    }
    const value = parseDecimalWithUncertainty(text);
    if (value === undefined) throw new StructureError('bad_cell', `${tag} is ${quoteText(text)}; a number is needed.`);
    return value;
  };
  return cellFromParameters({
    a: read('_cell_length_a'),
    b: read('_cell_length_b'),
    c: read('_cell_length_c'),
    alpha: read('_cell_angle_alpha'),
    beta: read('_cell_angle_beta'),
    gamma: read('_cell_angle_gamma'),
  });
}

/** Where the file leaves the origin open, the one reading without overlapping atoms is meant; two such readings are refused. */
function buildOneReading(
  sites: readonly AtomSite[],
  readings: readonly SymmetryReading[],
  cell: Cell,
  limits: ParseLimits,
): Structure {
  const valid: { readonly name: string; readonly structure: Structure }[] = [];
  let failure: StructureError | undefined;
  for (const { name, operations } of readings) {
    try {
      const atoms = expandSymmetry(sites, operations, cell, limits.maxAtoms);
      const structure: Structure = {
        cell,
        pbc: [true, true, true],
        symbols: atoms.map(({ site }) => site.symbol),
        positions: atoms.map(({ fractional }): Vector3 => multiply(fractional, cell)),
        labels: atoms.map(({ site }) => site.label),
        ...chargesOf(atoms),
      };
      assertValidStructure(structure, limits.maxAtoms);
      valid.push({ name: name ?? 'listed operations', structure });
    } catch (error) {
      if (!(error instanceof StructureError)) throw error;
      failure ??= error;
    }
  }
  const [first, second] = valid;
  if (first === undefined)
    throw failure ?? new StructureError('invalid_symmetry', 'The file states no usable symmetry.');
  if (second !== undefined) {
    throw new StructureError(
      'invalid_symmetry',
      `The file does not say which origin it uses: ${first.name} (${first.structure.positions.length} atoms) and ${second.name} ` +
        `(${second.structure.positions.length} atoms) are both possible. Add ":1" or ":2" to the space group name, or the operations.`,
    );
  }
  return first.structure;
}

/** Charges of every atom, its symmetry images included, when every site has one. */
function chargesOf(atoms: readonly ExpandedAtom[]): Pick<Structure, 'charges'> {
  const charges = atoms.flatMap(({ site }) => site.charge ?? []);
  return charges.length === atoms.length ? { charges } : {};
}

function tellMissingCharges(table: CifLoop, sites: readonly AtomSite[]): string[] {
  const without = sites.filter(({ charge }) => charge === null);
  if (!table.columns.has(CHARGE_TAG) || without.length === 0 || without.length === sites.length) return [];
  const names = listNames(without.map(({ label }) => label));
  return [`The charges of the file were left out: ${CHARGE_TAG} is no number for ${names}.`];
}

function compareWithFormula(structure: Structure, formula: ReadonlySet<string>): string[] {
  const present = new Set(structure.symbols);
  const missing = [...formula].filter((symbol) => !present.has(symbol));
  if (missing.length === 0) return [];
  const hint = missing.includes('H')
    ? ' Hydrogen atoms are often left out of published files and must be added first.'
    : '';
  return [`The file's formula has ${listNames(missing)}, but no such atoms are listed.${hint}`];
}
