// Space-group names, Hall symbols and numbers -> symmetry operations in the settings that fit a cell.
import { hall_symbol_entries_from_number, operations_from_number } from '@spglib/moyo-wasm';
import type { MoyoHallSymbolEntry } from '@spglib/moyo-wasm';
import type { Cell } from '../../contracts/structure.ts';
import { startMoyo } from './moyo.ts';
import type { SymmetryOperation } from './symmetry-operations.ts';
import { operationsFitCell } from './symmetry-operations.ts';

export interface SpaceGroupSetting {
  readonly number: number;
  /** Full Hermann-Mauguin symbol: "F 4_1/d -3 2/m". */
  readonly symbol: string;
  /** What the symbol leaves open: origin 1 or 2, axes H or R, or the cell choice of International Tables. */
  readonly code: string;
  readonly hallNumber: number;
}

interface SettingIndex {
  readonly byName: ReadonlyMap<string, readonly MoyoHallSymbolEntry[]>;
  readonly byHallSymbol: ReadonlyMap<string, readonly MoyoHallSymbolEntry[]>;
}

/** Symbols before the "e" glide of 1992 -> after. Source: de Wolff et al., Acta Cryst. A48, 727 (1992). */
const OLD_NAMES: Readonly<Record<string, string>> = {
  abm2: 'aem2',
  aba2: 'aea2',
  cmca: 'cmce',
  cmma: 'cmme',
  ccca: 'ccce',
};

let index: SettingIndex | undefined;

function settingIndex(): SettingIndex {
  index ??= buildIndex();
  return index;
}

function add(map: Map<string, MoyoHallSymbolEntry[]>, key: string, entry: MoyoHallSymbolEntry): void {
  const entries = map.get(key);
  if (entries === undefined) map.set(key, [entry]);
  else if (!entries.includes(entry)) entries.push(entry);
}

function buildIndex(): SettingIndex {
  startMoyo();
  const byName = new Map<string, MoyoHallSymbolEntry[]>();
  const byHallSymbol = new Map<string, MoyoHallSymbolEntry[]>();
  for (let number = 1; number <= 230; number += 1) {
    for (const entry of hall_symbol_entries_from_number(number)) {
      add(byHallSymbol, squeeze(entry.hall_symbol), entry);
      add(byName, squeeze(entry.hm_full), entry);
      add(byName, squeeze(shortNameOf(entry)), entry);
      // Before 1935 and in many files the cubic symbols have no bar: "Fm3m".
      if (number >= 195) add(byName, squeeze(entry.hm_short).replace('-', ''), entry);
    }
  }
  return { byName, byHallSymbol };
}

/** The short symbol of this very setting ("P 21/n", "P b n m"); the entry's own one names the group only. */
function shortNameOf(entry: MoyoHallSymbolEntry): string {
  const isMonoclinic = entry.number >= 3 && entry.number <= 15;
  if (isMonoclinic) return entry.hm_full.replace(/ 1(?= |$)/g, '');
  const isOrthorhombic = entry.number >= 16 && entry.number <= 74;
  return isOrthorhombic ? entry.hm_full.replace(/ 2(?:_1)?\//g, ' ') : entry.hm_short;
}

function squeeze(symbol: string): string {
  return symbol.toLowerCase().replace(/[\s_()~]/g, '');
}

/** "F d -3 m :2" -> name "fd-3m", qualifier "2"; programs also write "F d -3 m S" (origin 1) and "Z" (origin 2). */
function splitQualifier(symbol: string): readonly [name: string, qualifier: string | undefined] {
  const match = /^(.{1,40}?)\s*(?::\s*([12HRSZ])|\s([HRSZ]))\s*$/i.exec(symbol.trim());
  const qualifier = (match?.[2] ?? match?.[3])?.toUpperCase();
  const settings: Readonly<Record<string, string>> = { S: '1', Z: '2' };
  return [squeeze(match?.[1] ?? symbol), qualifier === undefined ? undefined : (settings[qualifier] ?? qualifier)];
}

function toSetting(entry: MoyoHallSymbolEntry): SpaceGroupSetting {
  return { number: entry.number, symbol: entry.hm_full, code: entry.setting, hallNumber: entry.hall_number };
}

/** Settings with the Hall symbol, usually one. */
export function settingsFromHallSymbol(symbol: string): SpaceGroupSetting[] {
  return (settingIndex().byHallSymbol.get(squeeze(symbol)) ?? []).map(toSetting);
}

/** Settings with the Hermann-Mauguin symbol, short or full, old or new; several where the symbol leaves the origin open. */
export function settingsFromName(symbol: string): SpaceGroupSetting[] {
  if (symbol.length > 60) return [];
  const [name, qualifier] = splitQualifier(symbol);
  const entries = settingIndex().byName.get(OLD_NAMES[name] ?? name) ?? [];
  return entries.filter((entry) => qualifier === undefined || entry.setting === qualifier).map(toSetting);
}

/** All settings of a number of International Tables, the conventional one first; empty when there is no such number. */
export function settingsFromNumber(number: number): SpaceGroupSetting[] {
  startMoyo();
  return hall_symbol_entries_from_number(number).map(toSetting);
}

export function operationsOfSetting({ number, hallNumber }: SpaceGroupSetting): SymmetryOperation[] {
  startMoyo();
  return operations_from_number(number, { type: 'HallNumber', value: hallNumber }, false).map((operation) => {
    // moyo hands rotations over column by column.
    const [a, b, c, d, e, f, g, h, i] = operation.rotation;
    const wrap = (t: number): number => t - Math.floor(t);
    const [x, y, z] = operation.translation;
    return {
      rotation: [
        [a, d, g],
        [b, e, h],
        [c, f, i],
      ],
      translation: [wrap(x), wrap(y), wrap(z)],
    };
  });
}

/** Those of the settings whose operations leave the cell unchanged. */
export function settingsThatFit(settings: readonly SpaceGroupSetting[], cell: Cell): SpaceGroupSetting[] {
  return settings.filter((setting) => operationsFitCell(operationsOfSetting(setting), cell));
}
