// Collects events and hands them on in batches, so that thousands of steps per second become some messages per second.
import type { TaskEvent } from '../../contracts/event.ts';

const BATCH_INTERVAL_MS = 50;
/** A long history that is told again must not keep the service busy for seconds. */
const MAX_EVENTS_PER_BATCH = 500;

export class EventBatcher {
  readonly #sendBatch: (events: TaskEvent[]) => Promise<void>;
  #waiting: TaskEvent[] = [];
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> = Promise.resolve();

  /** @param sendBatch the next batch waits until its promise has settled */
  constructor(sendBatch: (events: TaskEvent[]) => Promise<void>) {
    this.#sendBatch = sendBatch;
  }

  add(event: TaskEvent): void {
    this.#waiting.push(event);
    this.#timer ??= setTimeout(() => void this.flush(), BATCH_INTERVAL_MS);
  }

  /** Sends what is waiting; settles when everything before this call has been sent. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sending = this.#sending.then(() => {
      // Taken here and not before: while the previous batch was under way, more may have gathered.
      const events = this.#waiting;
      this.#waiting = [];
      return this.#sendInBatches(withoutStaleFrames(events));
    });
    await this.#sending;
  }

  async #sendInBatches(events: readonly TaskEvent[]): Promise<void> {
    for (let begin = 0; begin < events.length; begin += MAX_EVENTS_PER_BATCH) {
      await this.#sendBatch(events.slice(begin, begin + MAX_EVENTS_PER_BATCH));
    }
  }
}

/** Within what is sent at once only the newest picture counts; everything else keeps its place. */
function withoutStaleFrames(events: readonly TaskEvent[]): TaskEvent[] {
  const newest = events.findLast((event) => event.type === 'frame');
  return events.filter((event) => event.type !== 'frame' || event === newest);
}
