// Says every few seconds that this process is not stuck: its event loop turns, and its kernel answers.

export const HEARTBEAT_INTERVAL_MS = 5_000;

export interface HeartbeatParts {
  /** Settles when the kernel has answered, or is known to be gone; a kernel that hangs leaves it open. */
  listen: () => Promise<void>;
  send: () => Promise<void>;
  intervalMs?: number;
}

export class Heartbeat {
  readonly #parts: HeartbeatParts;
  readonly #timer: NodeJS.Timeout;
  #isListening = false;

  constructor(parts: HeartbeatParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#beat(), parts.intervalMs ?? HEARTBEAT_INTERVAL_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One question at a time: a kernel that does not answer is not asked again, and the beats stay away. */
  async #beat(): Promise<void> {
    if (this.#isListening) return;
    this.#isListening = true;
    try {
      await this.#parts.listen();
      await this.#parts.send();
    } finally {
      this.#isListening = false;
    }
  }
}
