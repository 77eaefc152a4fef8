// Frames of a trajectory, asked for in pages and kept as long as they are likely to be shown again.
import { trajectoryPageSchema } from '../../../contracts/trajectory.ts';
import type { TrajectoryPage } from '../../../contracts/trajectory.ts';
import { request } from '../../api/client.ts';

export type TrajectoryFrame = TrajectoryPage['frames'][number];

const PAGE = 20;
/** Numbers of positions that are kept, about 100 MB. */
const MOST_NUMBERS = 4_000_000;

export type ReadPage = (first: number, count: number) => Promise<TrajectoryPage>;

export function readPageOf(taskId: string): ReadPage {
  return (first, count) =>
    request(trajectoryPageSchema, `/tasks/${encodeURIComponent(taskId)}/frames?first=${first}&count=${count}`);
}

export class FrameStore {
  readonly #readPage: ReadPage;
  readonly #frames = new Map<number, TrajectoryFrame>();
  readonly #asked = new Map<number, Promise<void>>();

  constructor(readPage: ReadPage) {
    this.#readPage = readPage;
  }

  /** @returns null when there is no such frame. @throws ApiFailure */
  async frame(index: number): Promise<TrajectoryFrame | null> {
    if (!this.#frames.has(index)) await this.#ask(index);
    return this.#frames.get(index) ?? null;
  }

  /** So that it is there when its turn comes. */
  prefetch(index: number): void {
    // A failure is told when the frame itself is asked for.
    if (!this.#frames.has(index)) this.#ask(index).catch(() => undefined);
  }

  #ask(index: number): Promise<void> {
    const known = this.#asked.get(index);
    if (known !== undefined) return known;
    const asked = this.#readPage(index, PAGE)
      .then(({ frames }) => {
        this.#keep(frames);
      })
      .finally(() => this.#asked.delete(index));
    this.#asked.set(index, asked);
    return asked;
  }

  #keep(frames: readonly TrajectoryFrame[]): void {
    for (const frame of frames) this.#frames.set(frame.index, frame);
    const perFrame = 3 * (frames[0]?.positions.length ?? 1);
    for (const oldest of this.#frames.keys()) {
      if (this.#frames.size * perFrame <= MOST_NUMBERS || this.#frames.size <= frames.length) return;
      this.#frames.delete(oldest);
    }
  }
}
