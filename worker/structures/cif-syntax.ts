// CIF 1.1 syntax -> data blocks of items and loops, in one linear pass; no meaning is read here.
// Written here because the npm parsers do not serve: crystcif-parse 0.2.9 needs 32 s for a loop of 80 000 rows (quadratic),
// ends a quoted string at an inner apostrophe, and brings mathjs; molstar's is part of a 3D viewer.
// Source: Hall, Allen, Brown, Acta Cryst. A47, 655 (1991); grammar: IUCr, CIF version 1.1 working specification.
import { StructureError, quoteText } from './structure-error.ts';

/** null = an unquoted `?` (unknown) or `.` (not applicable). */
export type CifValue = string | null;

/** Rows of one `loop_`; names are lower case with `.` read as `_`, so that DDLm and DDL1 names meet. */
export interface CifLoop {
  readonly columns: ReadonlyMap<string, number>;
  readonly nRows: number;
  value(row: number, column: number): CifValue;
}

export interface CifBlock {
  readonly name: string;
  /** Single items. */
  readonly items: ReadonlyMap<string, CifValue>;
  readonly loops: readonly CifLoop[];
  readonly warnings: readonly string[];
}

interface MutableBlock {
  readonly name: string;
  readonly items: Map<string, CifValue>;
  readonly loops: CifLoop[];
  readonly warnings: string[];
}

type Token =
  | { readonly kind: 'data'; readonly text: string; readonly start: number }
  | { readonly kind: 'save'; readonly text: string; readonly start: number }
  | { readonly kind: 'tag'; readonly text: string; readonly start: number }
  | { readonly kind: 'loop'; readonly start: number }
  | { readonly kind: 'end'; readonly start: number }
  | { readonly kind: 'value'; readonly value: CifValue; readonly start: number };

/** A file with more of them is not read by a person line by line. */
const MAX_WARNINGS = 20;

const [TAB, LF, CR, SPACE, QUOTE, HASH, APOSTROPHE, SEMICOLON, UNDERSCORE] = [9, 10, 13, 32, 34, 35, 39, 59, 95];

function isBlank(code: number): boolean {
  return code === SPACE || code === LF || code === CR || code === TAB;
}

function isLineEnd(code: number): boolean {
  return code === LF || code === CR;
}

class Tokenizer {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#skipBlanksAndComments();
    const text = this.#text;
    const start = this.#position;
    if (start >= text.length) return { kind: 'end', start };
    const code = text.charCodeAt(start);
    if (code === SEMICOLON && (start === 0 || isLineEnd(text.charCodeAt(start - 1)))) return this.#textField(start);
    if (code === QUOTE || code === APOSTROPHE) return this.#quoted(start, code);
    let end = start;
    while (end < text.length && !isBlank(text.charCodeAt(end))) end += 1;
    this.#position = end;
    return classifyWord(text.slice(start, end), start);
  }

  /** Line numbers cost a scan and are needed for messages only. */
  lineOf(offset: number): number {
    return this.#text.slice(0, offset).split(/\r\n|\r|\n/).length;
  }

  isOnOneLine(from: number, to: number): boolean {
    for (let i = from; i < to; i += 1) if (isLineEnd(this.#text.charCodeAt(i))) return false;
    return true;
  }

  #skipBlanksAndComments(): void {
    const text = this.#text;
    let i = this.#position;
    while (i < text.length) {
      const code = text.charCodeAt(i);
      if (code === HASH) {
        while (i < text.length && !isLineEnd(text.charCodeAt(i))) i += 1;
      } else if (isBlank(code)) {
        i += 1;
      } else {
        break;
      }
    }
    this.#position = i;
  }

  #quoted(start: number, quote: number): Token {
    const text = this.#text;
    for (let i = start + 1; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (isLineEnd(code)) break;
      // A quote inside a word does not close: 'O5'' is legal.
      if (code === quote && (i + 1 === text.length || isBlank(text.charCodeAt(i + 1)))) {
        this.#position = i + 1;
        return { kind: 'value', value: text.slice(start + 1, i), start };
      }
    }
    throw syntaxError(this.lineOf(start), 'a quoted value is not closed on its line');
  }

  #textField(start: number): Token {
    const text = this.#text;
    for (let i = start + 1; i < text.length; i += 1) {
      if (text.charCodeAt(i) === SEMICOLON && isLineEnd(text.charCodeAt(i - 1))) {
        this.#position = i + 1;
        return { kind: 'value', value: text.slice(start + 1, i - 1), start };
      }
    }
    throw syntaxError(
      this.lineOf(start),
      'a text field that begins with ";" has no closing ";" at the start of a line',
    );
  }
}

function classifyWord(word: string, start: number): Token {
  if (word.charCodeAt(0) === UNDERSCORE) return { kind: 'tag', text: word, start };
  if (word === '?' || word === '.') return { kind: 'value', value: null, start };
  const head = word.slice(0, 5).toLowerCase();
  if (head === 'data_') return { kind: 'data', text: word.slice(5), start };
  if (head === 'save_') return { kind: 'save', text: word.slice(5), start };
  if (head === 'loop_' && word.length === 5) return { kind: 'loop', start };
  return { kind: 'value', value: word, start };
}

function syntaxError(line: number, what: string): StructureError {
  return new StructureError('invalid_syntax', `CIF line ${line}: ${what}.`, { line });
}

function normalizeTag(tag: string): string {
  return tag.toLowerCase().replaceAll('.', '_');
}

/**
 * Split a CIF into its data blocks. Save frames are skipped.
 *
 * @throws StructureError invalid_syntax with the line
 */
export function parseCifSyntax(text: string): CifBlock[] {
  const tokenizer = new Tokenizer(text);
  const blocks: MutableBlock[] = [];
  let insideSaveFrame = false;
  let token = tokenizer.next();
  while (token.kind !== 'end') {
    if (token.kind === 'data') {
      insideSaveFrame = false;
      blocks.push({ name: token.text, items: new Map(), loops: [], warnings: [] });
      token = tokenizer.next();
      continue;
    }
    const block = blocks.at(-1);
    if (block === undefined) {
      throw syntaxError(tokenizer.lineOf(token.start), 'a CIF must begin with a line "data_<name>"');
    }
    if (token.kind === 'save') {
      insideSaveFrame = token.text !== '';
      token = tokenizer.next();
      continue;
    }
    const target = insideSaveFrame ? { name: '', items: new Map(), loops: [], warnings: [] } : block;
    if (token.kind === 'loop') token = readLoop(tokenizer, token, target);
    else if (token.kind === 'tag') token = readItem(tokenizer, token.text, token.start, target);
    else
      throw syntaxError(tokenizer.lineOf(token.start), `${quoteText(token.value ?? '?')} has no data name before it`);
  }
  return blocks;
}

function warn(block: MutableBlock, warning: string): void {
  if (block.warnings.length < MAX_WARNINGS) block.warnings.push(warning);
}

function readItem(tokenizer: Tokenizer, name: string, start: number, block: MutableBlock): Token {
  const token = tokenizer.next();
  if (token.kind !== 'value') throw syntaxError(tokenizer.lineOf(start), `${quoteText(name)} has no value`);
  const words = [token.value ?? '?'];
  let value = token.value;
  let next = tokenizer.next();
  let last = token.start;
  while (next.kind === 'value' && tokenizer.isOnOneLine(last, next.start)) {
    words.push(next.value ?? '?');
    last = next.start;
    next = tokenizer.next();
  }
  if (words.length > 1) {
    value = words.join(' ');
    warn(block, `${quoteText(name)} should have its value in quotes; it was read as ${quoteText(value)}.`);
  }
  const tag = normalizeTag(name);
  const previous = block.items.get(tag);
  if (previous === undefined) block.items.set(tag, value);
  else if (previous !== value)
    warn(block, `${quoteText(name)} is given twice with different values; the first one counts.`);
  return next;
}

function readLoop(tokenizer: Tokenizer, start: Token, block: MutableBlock): Token {
  const columns = new Map<string, number>();
  let nColumns = 0;
  let token = tokenizer.next();
  while (token.kind === 'tag') {
    const tag = normalizeTag(token.text);
    if (!columns.has(tag)) columns.set(tag, nColumns);
    nColumns += 1;
    token = tokenizer.next();
  }
  if (nColumns === 0) throw syntaxError(tokenizer.lineOf(start.start), 'loop_ is followed by no data name');
  const values: CifValue[] = [];
  while (token.kind === 'value') {
    values.push(token.value);
    token = tokenizer.next();
  }
  if (values.length % nColumns !== 0) {
    throw syntaxError(
      tokenizer.lineOf(start.start),
      `the loop that begins here has ${nColumns} data names and ${values.length} values, which is no whole number of rows; ` +
        'look for a missing value or an unquoted space',
    );
  }
  block.loops.push({
    columns,
    nRows: values.length / nColumns,
    value: (row, column) => values[row * nColumns + column] ?? null,
  });
  return token;
}
