// Which symmetry operations a CIF data block asks for: its own list, else those of its space group.
import type { Cell } from '../../contracts/structure.ts';
import type { CifBlock } from './cif-syntax.ts';
import { parseInteger } from './numbers.ts';
import type { SpaceGroupSetting } from './space-groups.ts';
import {
  operationsOfSetting,
  settingsFromHallSymbol,
  settingsFromName,
  settingsFromNumber,
  settingsThatFit,
} from './space-groups.ts';
import { StructureError, listNames, quoteText } from './structure-error.ts';
import type { SymmetryOperation } from './symmetry-operations.ts';
import { parseSymmetryOperation, validateOperations } from './symmetry-operations.ts';

export interface SymmetryReading {
  /** For messages: "Fd-3m, origin 2"; null for an explicit list. */
  readonly name: string | null;
  /** Identity first. */
  readonly operations: readonly SymmetryOperation[];
}

export interface CifSymmetry {
  /** One reading; two where the file leaves the origin open, and then the atoms must decide. */
  readonly readings: readonly SymmetryReading[];
  readonly warnings: readonly string[];
}

const OPERATION_TAGS = ['_space_group_symop_operation_xyz', '_symmetry_equiv_pos_as_xyz'];
const MAGNETIC_OPERATION_TAG = '_space_group_symop_magn_operation_xyz';
const NAME_TAGS = ['_space_group_name_h-m_alt', '_symmetry_space_group_name_h-m', '_space_group_name_h-m_full'];
const HALL_TAGS = ['_space_group_name_hall', '_symmetry_space_group_name_hall'];
const NUMBER_TAGS = ['_space_group_it_number', '_symmetry_int_tables_number'];

function firstItem(block: CifBlock, tags: readonly string[]): string | undefined {
  for (const tag of tags) {
    const value = block.items.get(tag);
    if (value !== undefined && value !== null && value.trim() !== '') return value.trim();
  }
  return undefined;
}

function listedOperations(block: CifBlock): string[] {
  for (const tag of OPERATION_TAGS) {
    for (const loop of block.loops) {
      const column = loop.columns.get(tag);
      if (column === undefined) continue;
      const values: string[] = [];
      for (let row = 0; row < loop.nRows; row += 1) {
        const value = loop.value(row, column);
        if (value !== null) values.push(value);
      }
      if (values.length > 0) return values;
    }
  }
  const single = firstItem(block, OPERATION_TAGS);
  return single === undefined ? [] : [single];
}

interface StatedGroup {
  /** What the file says, for messages. */
  readonly text: string;
  readonly settings: readonly SpaceGroupSetting[];
  /** Statements that are understood and name other groups. */
  readonly contradictions: readonly string[];
}

/** What the file says about its space group, the most specific statement that is understood first. */
function statedGroup(block: CifBlock): StatedGroup | undefined {
  const hall = firstItem(block, HALL_TAGS);
  const name = firstItem(block, NAME_TAGS);
  const number = firstItem(block, NUMBER_TAGS);
  const parsedNumber = number === undefined ? undefined : parseInteger(number);
  const statements: Omit<StatedGroup, 'contradictions'>[] = [];
  if (hall !== undefined)
    statements.push({ text: `Hall symbol ${quoteText(hall)}`, settings: settingsFromHallSymbol(hall) });
  if (name !== undefined) statements.push({ text: `space group ${quoteText(name)}`, settings: settingsFromName(name) });
  if (number !== undefined) {
    const settings = parsedNumber === undefined ? [] : settingsFromNumber(parsedNumber);
    statements.push({ text: `space group number ${quoteText(number)}`, settings });
  }
  const [chosen, ...others] = statements.filter(({ settings }) => settings.length > 0);
  if (chosen !== undefined) {
    const groups = new Set(chosen.settings.map((setting) => setting.number));
    const differing = others.filter(({ settings }) => !settings.some((setting) => groups.has(setting.number)));
    return { ...chosen, contradictions: differing.map(({ text }) => text) };
  }
  if (statements.length === 0) return undefined;
  return { text: statements.map(({ text }) => text).join(', '), settings: [], contradictions: [] };
}

/**
 * @throws StructureError invalid_symmetry | unknown_space_group
 */
export function readSymmetry(block: CifBlock, cell: Cell): CifSymmetry {
  const listed = listedOperations(block);
  const stated = statedGroup(block);
  if (listed.length > 0) {
    const operations = validateOperations(listed.map(parseSymmetryOperation), cell);
    const orders = (stated?.settings ?? []).map((setting) => operationsOfSetting(setting).length);
    const differs = stated !== undefined && orders.length > 0 && !orders.includes(operations.length);
    const warnings = differs
      ? [
          `The file states ${stated.text}, which has ${orders[0] ?? 0} operations, and lists ${operations.length}; ` +
            'the list counts.',
        ]
      : [];
    return { readings: [{ name: null, operations }], warnings };
  }
  if (stated === undefined && block.loops.some(({ columns }) => columns.has(MAGNETIC_OPERATION_TAG))) {
    throw new StructureError(
      'invalid_symmetry',
      'The file lists magnetic symmetry operations only, which are not read; add the operations of its space group ' +
        `(${OPERATION_TAGS[0] ?? ''}) or its name.`,
    );
  }
  if (stated === undefined) {
    return {
      readings: [{ name: null, operations: validateOperations([], cell) }],
      warnings: ['The file states no symmetry; it was read as P1, every atom listed.'],
    };
  }
  if (stated.settings.length === 0) {
    throw new StructureError(
      'unknown_space_group',
      `The file gives no symmetry operations and its ${stated.text} is not known. Add the operations ` +
        '(_space_group_symop_operation_xyz) or write the structure out in P1.',
    );
  }
  return readStatedGroup(block, stated, cell);
}

function readStatedGroup(block: CifBlock, stated: StatedGroup, cell: Cell): CifSymmetry {
  const code = firstItem(block, ['_space_group_it_coordinate_system_code'])?.toUpperCase();
  const coded = stated.settings.filter(({ code: its }) => its !== '' && its.toUpperCase() === code);
  const fitting = settingsThatFit(coded.length > 0 ? coded : stated.settings, cell);
  const [first] = fitting;
  if (first === undefined) {
    throw new StructureError(
      'invalid_symmetry',
      `The cell does not have the symmetry of ${stated.text}; check the cell lengths and angles.`,
    );
  }
  const origins = fitting.filter(({ symbol }) => symbol === first.symbol);
  const others = [...new Set(fitting.map(({ symbol }) => symbol))].slice(1);
  const warnings = [`The file lists no symmetry operations; those of ${stated.text} were used (${nameOf(first)}).`];
  if (stated.contradictions.length > 0) {
    warnings.push(`The file also states ${listNames(stated.contradictions)}, another group, which was not used.`);
  }
  if (others.length > 0) {
    warnings.push(`Other settings fit the cell as well and were not used: ${listNames(others)}.`);
  }
  return {
    readings: origins.map((setting) => ({
      name: nameOf(setting),
      operations: validateOperations(operationsOfSetting(setting), cell),
    })),
    warnings,
  };
}

function nameOf({ symbol, code }: SpaceGroupSetting): string {
  const told: Readonly<Record<string, string>> = {
    1: ', origin choice 1',
    2: ', origin choice 2',
    H: ', hexagonal axes',
    R: ', rhombohedral axes',
  };
  return symbol + (told[code] ?? '');
}
