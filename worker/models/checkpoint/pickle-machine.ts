// The state of the reading of a pickle: stack, marks, memo, and what was made so far. What each opcode does is in opcodes.ts.
import { quoteText } from '../../structures/structure-error.ts';
import { CheckpointError } from './checkpoint-error.ts';
import type { CheckpointLimits } from './limits.ts';
import { admitName } from './names.ts';
import type { Budget } from './calls.ts';
import { PickleCursor } from './pickle-cursor.ts';
import type { StorageSize } from './tensors.ts';
import type { NameValue, Value } from './values.ts';

export class PickleMachine implements Budget {
  readonly cursor: PickleCursor;
  readonly storageSize: StorageSize;
  readonly #limits: CheckpointLimits;
  readonly #stack: Value[] = [];
  /** Heights of the stack at which a MARK was set. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Value>();
  readonly #names = new Map<string, NameValue>();
  #nParts = 0;
  #nBytes = 0;
  /** Where the opcode that is being run stands. */
  opcode_offset = 0;

  constructor(pickle: Buffer, limits: CheckpointLimits, storageSize: StorageSize) {
    this.cursor = new PickleCursor(pickle);
    this.storageSize = storageSize;
    this.#limits = limits;
  }

  fail(message: string): never {
    throw new CheckpointError(message, this.opcode_offset);
  }

  push(value: Value): void {
    if (this.#stack.length >= this.#limits.max_stack)
      this.fail(`More than ${this.#limits.max_stack} values are on the stack.`);
    this.#stack.push(value);
  }

  /** Never a value below the last mark. */
  pop(): Value {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  top(): Value {
    const value = this.#stack.length > this.#floor ? this.#stack.at(-1) : undefined;
    return value === undefined ? this.fail('An instruction needs a value, and the stack has none.') : value;
  }

  get #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  mark(): void {
    if (this.#marks.length >= this.#limits.max_depth) this.fail(`More than ${this.#limits.max_depth} marks are open.`);
    this.#marks.push(this.#stack.length);
  }

  /** What was pushed since the last mark, and the mark goes. */
  popToMark(): Value[] {
    const height = this.#marks.pop();
    return height === undefined
      ? this.fail('An instruction needs a mark, and none is set.')
      : this.#stack.splice(height);
  }

  isOnlyValue(): boolean {
    return this.#stack.length === 1 && this.#marks.length === 0;
  }

  /** Dropping values above a mark drops no mark; POP right after a MARK takes the mark itself, as in CPython. */
  drop(): void {
    if (this.#marks.length > 0 && this.#floor === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  memoize(index: number = this.#memo.size): void {
    if (index >= this.#limits.max_memo) this.fail(`The memo would hold more than ${this.#limits.max_memo} values.`);
    this.#memo.set(index, this.top());
  }

  recall(index: number): Value {
    const value = this.#memo.get(index);
    return value === undefined ? this.fail(`The memo has no value ${index}.`) : value;
  }

  parts(count: number): void {
    this.#nParts += count;
    if (this.#nParts > this.#limits.max_parts) this.fail(`It holds more than ${this.#limits.max_parts} parts.`);
  }

  bytes(count: number): void {
    this.parts(1);
    this.#nBytes += count;
    if (this.#nBytes > this.#limits.max_pickle_bytes)
      this.fail(`It decodes more than ${this.#limits.max_pickle_bytes} bytes.`);
  }

  text(length: number): string {
    if (length > this.#limits.max_text_bytes)
      this.fail(`A text of ${length} bytes is longer than ${this.#limits.max_text_bytes}.`);
    this.parts(1);
    return this.cursor.take(length).toString('utf8');
  }

  binary(length: number): Uint8Array {
    if (length > this.#limits.max_text_bytes)
      this.fail(`A text of ${length} bytes is longer than ${this.#limits.max_text_bytes}.`);
    this.bytes(length);
    return Uint8Array.from(this.cursor.take(length));
  }

  /** The same name is one value, however often the file says it. */
  name(module: string, name: string): NameValue {
    if (module.length + name.length > MAX_NAME_LENGTH)
      this.fail(`A name is longer than ${MAX_NAME_LENGTH}: ${quoteText(name)}.`);
    const dotted = admitName(module, name, this.opcode_offset);
    const known = this.#names.get(dotted);
    if (known !== undefined) return known;
    const value: NameValue = { kind: 'name', name: dotted };
    this.#names.set(dotted, value);
    return value;
  }
}

const MAX_NAME_LENGTH = 1000;
