// Words and units of key figures, as they are shown.
import { FIGURES } from '../../../contracts/key-figures.ts';

export function figureTitle(name: string, language: string): string {
  return FIGURES.get(name)?.title[language.startsWith('zh') ? 'zh' : 'en'] ?? name;
}

/** A^3 as Å³: contracts are plain text. */
export function shownUnit(unit: string): string {
  return unit.replace('A^3', 'Å³').replace(/\/A$/, '/Å').replace(/^A$/, 'Å');
}
