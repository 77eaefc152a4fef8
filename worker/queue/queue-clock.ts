// The clock that waiting is measured by. It never goes back and never jumps while the service runs, whatever happens to the
// clock of the machine: it starts at that one's time, or at the latest time that it has given, and goes on by the monotonic clock.

export type QueueClock = () => number;

/**
 * @param wall the machine's clock
 * @param uptime monotonic, ms
 * @param latest the latest time that is on record, ms
 * @returns whole ms since 1970, about
 */
export function createQueueClock(wall: Date, uptime: () => number, latest: number): QueueClock {
  const offset = Math.max(wall.getTime(), latest) - uptime();
  return () => Math.round(offset + uptime());
}
