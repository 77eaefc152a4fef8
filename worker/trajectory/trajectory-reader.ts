// Random access to the frames of a binary trajectory, also while mofkernel still writes it.
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { TrajectoryHeader } from '../../contracts/trajectory.ts';
import { HEADER_START_BYTES, isIntact, parseFrame, parseHeader, parseLayout } from './binary-layout.ts';
import type { TrajectoryFrame, TrajectoryLayout } from './binary-layout.ts';
import { TrajectoryError } from './trajectory-error.ts';

export class TrajectoryReader {
  readonly header: TrajectoryHeader;
  readonly #layout: TrajectoryLayout;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, layout: TrajectoryLayout, header: TrajectoryHeader) {
    this.#file = file;
    this.#layout = layout;
    this.header = header;
  }

  /** @throws TrajectoryError, or the system's error when the file cannot be opened */
  static async open(path: string): Promise<TrajectoryReader> {
    const file = await open(path, 'r');
    try {
      const layout = parseLayout(await readAt(file, 0, HEADER_START_BYTES));
      const header = parseHeader(await readAt(file, 0, layout.headerBytes), layout);
      return new TrajectoryReader(file, layout, header);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Whole frames that are there now; one that is just being written, or was torn by a crash, does not count. */
  async frameCount(): Promise<number> {
    const { headerBytes, frameBytes } = this.#layout;
    const { size } = await this.#file.stat();
    const nFrames = Math.max(0, Math.floor((size - headerBytes) / frameBytes));
    if (nFrames === 0) return 0;
    // After a loss of power the size may be there without the bytes.
    return isIntact(await this.#readFrameBytes(nFrames - 1), frameBytes) ? nFrames : nFrames - 1;
  }

  /**
   * @param frame index from 0
   * @throws TrajectoryError no_such_frame | damaged
   */
  async readFrame(frame: number): Promise<TrajectoryFrame> {
    const isIndex = Number.isSafeInteger(frame) && frame >= 0;
    const bytes = isIndex ? await this.#readFrameBytes(frame) : Buffer.alloc(0);
    if (bytes.length < this.#layout.frameBytes)
      throw new TrajectoryError('no_such_frame', `The trajectory has no frame ${frame}.`);
    return parseFrame(bytes, this.#layout, frame);
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  #readFrameBytes(frame: number): Promise<Buffer> {
    const { headerBytes, frameBytes } = this.#layout;
    return readAt(this.#file, headerBytes + frame * frameBytes, frameBytes);
  }
}

/** `length` bytes from `position`, or what the file has of them; a declared length never allocates more than that. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - position)));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break; // the file was cut since
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
