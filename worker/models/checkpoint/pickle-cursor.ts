// A position in data.pkl. Every read is checked against the end; numbers are little-endian but for BINFLOAT.
import { CheckpointError } from './checkpoint-error.ts';

const NEWLINE = 0x0a;

export class PickleCursor {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#advance(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  /** A length: beyond 2^53 no number is exact, and no file so long. */
  uint64(): number {
    const start = this.#advance(8);
    return this.#bytes.readUInt32LE(start) + this.#bytes.readUInt32LE(start + 4) * 2 ** 32;
  }

  float64BigEndian(): number {
    return this.#bytes.readDoubleBE(this.#advance(8));
  }

  /** A view, not a copy. */
  take(length: number): Buffer {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Up to the next line end, which is skipped. */
  line(): Buffer {
    const end = this.#bytes.indexOf(NEWLINE, this.#position);
    if (end < 0) throw new CheckpointError('The pickle ends in the middle of a line.', this.#position);
    const line = this.take(end - this.#position);
    this.#position += 1;
    return line;
  }

  #advance(length: number): number {
    const start = this.#position;
    if (length > this.remaining) {
      throw new CheckpointError(`The pickle ends where ${length} more bytes are announced.`, start);
    }
    this.#position += length;
    return start;
  }
}
