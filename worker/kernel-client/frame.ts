// Frames of the kernel's protocol (contracts/kernel-message.ts): bytes <-> header and typed arrays. No process here.
import { endianness } from 'node:os';
import { KERNEL_MAX_HEADER_BYTES, KERNEL_MAX_PAYLOAD_BYTES } from '../../contracts/kernel-message.ts';
import type { ArrayDtype, ArrayHeader } from '../../contracts/kernel-message.ts';

export type ArrayValues = Float64Array | Float32Array | Int32Array | Uint8Array;

export interface KernelArray {
  name: string;
  shape: readonly number[];
  values: ArrayValues;
}

interface FrameParts {
  arrays: ArrayHeader[];
  payload_bytes: number;
}

export interface Frame<Header extends FrameParts> {
  header: Header;
  arrays: readonly KernelArray[];
}

/** The bytes are not frames of the protocol. The stream cannot be read any further. */
export class FrameError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FrameError';
  }
}

const NEWLINE = 0x0a;
const BYTES_PER_VALUE: Readonly<Record<ArrayDtype, number>> = { f64: 8, f32: 4, i32: 4, u8: 1 };

if (endianness() !== 'LE') throw new Error('The kernel protocol is little-endian and this machine is not.');

/**
 * @param header the message without `arrays` and `payload_bytes`, which come from the arrays
 * @returns header line and payload parts, to be written one after another
 */
export function encodeFrame(header: Readonly<Record<string, unknown>>, arrays: readonly KernelArray[]): Uint8Array[] {
  const parts = arrays.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const payloadBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (payloadBytes > KERNEL_MAX_PAYLOAD_BYTES) {
    throw new FrameError(`A frame of ${payloadBytes} bytes is larger than the protocol allows.`);
  }
  const arrayHeaders = arrays.map(({ name, shape, values }) => {
    if (countValues(shape) !== values.length) {
      throw new FrameError(`Array ${name} has ${values.length} values and shape [${shape.join(', ')}].`);
    }
    return { name, dtype: dtypeOf(values), shape };
  });
  const line = JSON.stringify({ ...header, arrays: arrayHeaders, payload_bytes: payloadBytes });
  return [Buffer.from(`${line}\n`, 'utf8'), ...parts];
}

/** Cuts a byte stream into frames, whatever the chunks are. One instance per stream. */
export class FrameDecoder<Header extends FrameParts> {
  readonly #parseHeader: (json: unknown) => Header;
  #headerChunks: Uint8Array[] = [];
  #headerBytes = 0;
  #open: { header: Header; payload: Uint8Array; filled: number } | null = null;

  /** @param parseHeader validates the header's JSON; what it throws becomes the cause of a FrameError */
  constructor(parseHeader: (json: unknown) => Header) {
    this.#parseHeader = parseHeader;
  }

  /** @throws FrameError */
  push(chunk: Uint8Array): Frame<Header>[] {
    const frames: Frame<Header>[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#open === null ? this.#readHeader(rest) : this.#readPayload(rest);
      const frame = this.#takeComplete();
      if (frame !== null) frames.push(frame);
    }
    return frames;
  }

  #takeComplete(): Frame<Header> | null {
    const open = this.#open;
    if (open === null || open.filled < open.payload.length) return null;
    this.#open = null;
    return { header: open.header, arrays: cutArrays(open.header.arrays, open.payload) };
  }

  #readHeader(bytes: Uint8Array): Uint8Array {
    const newline = bytes.indexOf(NEWLINE);
    const part = newline === -1 ? bytes : bytes.subarray(0, newline);
    this.#headerBytes += part.length;
    if (this.#headerBytes > KERNEL_MAX_HEADER_BYTES) {
      throw new FrameError(`A header line is longer than ${KERNEL_MAX_HEADER_BYTES} bytes.`);
    }
    this.#headerChunks.push(part);
    if (newline === -1) return bytes.subarray(bytes.length);

    const line = Buffer.concat(this.#headerChunks).toString('utf8');
    this.#headerChunks = [];
    this.#headerBytes = 0;
    const header = this.#decodeHeader(line);
    this.#open = { header, payload: new Uint8Array(header.payload_bytes), filled: 0 };
    return bytes.subarray(newline + 1);
  }

  #decodeHeader(line: string): Header {
    let header: Header;
    try {
      header = this.#parseHeader(JSON.parse(line));
    } catch (cause) {
      throw new FrameError(`Not a header of the protocol: ${line.slice(0, 200)}`, { cause });
    }
    const expected = header.arrays.reduce((sum, array) => sum + byteLengthOf(array), 0);
    if (expected !== header.payload_bytes) {
      throw new FrameError(`The arrays of a frame take ${expected} bytes, its payload has ${header.payload_bytes}.`);
    }
    return header;
  }

  #readPayload(bytes: Uint8Array): Uint8Array {
    const open = this.#open;
    if (open === null) return bytes;
    const part = bytes.subarray(0, open.payload.length - open.filled);
    open.payload.set(part, open.filled);
    open.filled += part.length;
    return bytes.subarray(part.length);
  }
}

function cutArrays(headers: readonly ArrayHeader[], payload: Uint8Array): KernelArray[] {
  let offset = 0;
  return headers.map((header) => {
    const length = byteLengthOf(header);
    // A copy: arrays follow each other without padding, so they are not aligned inside the payload.
    const bytes = payload.slice(offset, offset + length);
    offset += length;
    return { name: header.name, shape: header.shape, values: viewAs(header.dtype, bytes.buffer) };
  });
}

function viewAs(dtype: ArrayDtype, buffer: ArrayBuffer): ArrayValues {
  switch (dtype) {
    case 'f64':
      return new Float64Array(buffer);
    case 'f32':
      return new Float32Array(buffer);
    case 'i32':
      return new Int32Array(buffer);
    case 'u8':
      return new Uint8Array(buffer);
  }
}

function dtypeOf(values: ArrayValues): ArrayDtype {
  if (values instanceof Float64Array) return 'f64';
  if (values instanceof Float32Array) return 'f32';
  return values instanceof Int32Array ? 'i32' : 'u8';
}

function byteLengthOf(array: ArrayHeader): number {
  return countValues(array.shape) * BYTES_PER_VALUE[array.dtype];
}

function countValues(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
