// Composition: Hill formula and mass.
import { elementOf } from './elements.ts';

/** Number of atoms per element, carbon and hydrogen first where there is carbon, the rest by alphabet (Hill order). */
function countElements(symbols: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const rank = (symbol: string): string => {
    if (counts.has('C') && symbol === 'C') return '0';
    if (counts.has('C') && symbol === 'H') return '1';
    return symbol;
  };
  return [...counts].sort(([p], [q]) => (rank(p) < rank(q) ? -1 : 1));
}

/** For example "C24H12O13Zn4". Source: E. A. Hill, J. Am. Chem. Soc. 22, 478 (1900). */
export function hillFormula(symbols: readonly string[], separator = ''): string {
  return countElements(symbols)
    .map(([symbol, count]) => (count === 1 ? symbol : `${symbol}${count}`))
    .join(separator);
}

/** Mass of all atoms, amu. */
export function massOf(symbols: readonly string[]): number {
  return countElements(symbols).reduce((sum, [symbol, count]) => sum + elementOf(symbol).mass_amu * count, 0);
}
