// Numbers in structure files: strict reading, and writing that reads back bit for bit.
import { StructureError, quoteText } from './structure-error.ts';

/** Longer tokens are no numbers; the bound keeps every pattern below cheap on hostile input. */
const MAX_NUMBER_LENGTH = 64;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eEdD][+-]?\d+)?$/;
const UNCERTAINTY = /\(\d+\)$/;
const INTEGER = /^[+-]?\d{1,15}$/;

/** @returns undefined unless `text` is one finite decimal number (Fortran's `d` exponents included) */
export function parseDecimal(text: string): number | undefined {
  if (text.length > MAX_NUMBER_LENGTH || !DECIMAL.test(text)) return undefined;
  const value = Number(text.replace(/[dD]/, 'e'));
  return Number.isFinite(value) ? value : undefined;
}

/** As `parseDecimal`, with an optional standard uncertainty in parentheses, which is dropped: `12.345(6)`. */
export function parseDecimalWithUncertainty(text: string): number | undefined {
  return text.length > MAX_NUMBER_LENGTH ? undefined : parseDecimal(text.replace(UNCERTAINTY, ''));
}

export function parseInteger(text: string): number | undefined {
  return INTEGER.test(text) ? Number(text) : undefined;
}

/** @throws StructureError invalid_value naming `what` */
export function requireDecimal(text: string | undefined, what: string): number {
  const value = text === undefined ? undefined : parseDecimal(text);
  if (value === undefined) {
    const found = text === undefined ? 'nothing' : quoteText(text);
    throw new StructureError('invalid_value', `${what} must be a finite number, found ${found}.`);
  }
  return value;
}

/** Shortest text that reads back as the same double, the sign of zero included. */
export function formatExact(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
