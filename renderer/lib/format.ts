// Numbers, times and formulas for people.

const MINUS = '\u2212';

/** Fixed decimals with a true minus sign; scientific where that would show nothing but zeros or run off the column. */
export function formatNumber(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 0.5 * 10 ** -decimals || magnitude >= 1e7)) {
    return formatScientific(value);
  }
  return value.toFixed(decimals).replace('-', MINUS);
}

/** 1.2e-5 as 1.2×10⁻⁵. */
export function formatScientific(value: number, decimals = 1): string {
  const [mantissa = '0', exponent = '0'] = value.toExponential(decimals).split('e');
  return `${mantissa.replace('-', MINUS)}×10${superscript(Number(exponent))}`;
}

const SUPERSCRIPT_DIGITS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** An integer as an exponent: -12 as ⁻¹². */
export function superscript(exponent: number): string {
  return String(exponent).replace(/[-\d]/g, (digit) =>
    digit === '-' ? '⁻' : SUPERSCRIPT_DIGITS.charAt(Number(digit)),
  );
}

/** 0.42 s, 12.3 s, 4 min 05 s, 2 h 07 min. Unit symbols are the same in every language. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** 512 B, 3.4 KiB, 12 MiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

export interface FormulaPart {
  readonly symbol: string;
  /** Empty for one atom. */
  readonly count: string;
}

/** C24H12O13Zn4 or C24 H12 O13 Zn4 in its elements; text that is no formula comes back as one part. */
export function formulaParts(formula: string): FormulaPart[] {
  const compact = formula.replaceAll(' ', '');
  if (!/^(?:[A-Z][a-z]?\d*)+$/.test(compact)) return [{ symbol: formula, count: '' }];
  return [...compact.matchAll(/([A-Z][a-z]?)(\d*)/g)].map(([, symbol = '', count = '']) => ({
    symbol,
    count: count === '1' ? '' : count,
  }));
}

/** HH:MM:SS of the local clock. */
export function formatClock(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB', { hour12: false });
}

/** Today the time, otherwise the date: the list has room for one of them. */
export function formatMoment(iso: string, now: Date, language: string): string {
  const moment = new Date(iso);
  if (moment.toDateString() === now.toDateString()) {
    return moment.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', hour12: false });
  }
  return moment.toLocaleDateString(language === 'zh' ? 'zh-CN' : 'en-GB', { day: 'numeric', month: 'short' });
}
