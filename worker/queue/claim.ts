// Which waiting task a slot takes.
import { FIRST_PLACE } from '../store/queued-work.ts';
import type { ClaimCandidate, QueuedWorkStore, Stream } from '../store/queued-work.ts';
import type { TaskRow } from '../store/tasks.ts';
import { levelOf, orderOfService } from './order-of-service.ts';
import { rankOf } from './priority-rank.ts';

/** null: does not fit this slot; a higher one is rather taken, among equals. */
export type Score = (candidate: ClaimCandidate) => number | null;

/** Tasks that are looked at for one claim; those that fit nowhere at present must not cost a walk through all that wait. */
const MAX_CANDIDATES = 1000;
/** Tasks that are looked at after the first that fits, for one that fits better. */
const LOOK_AHEAD = 64;
/** Tasks behind the first of a group that are looked at for the others. */
const GROUP_LOOK_AHEAD = 256;
/** A better fitting task overtakes only what came this little before it: nobody waits for ever. */
const OVERTAKEN_WITHIN_MS = 10 * 60_000;
const LARGEST_CHUNK = 64;

/** @param lowestRank of the priority: what is below it is not looked at */
export function chooseTask(
  work: QueuedWorkStore,
  lastServed: ReadonlyMap<string, number>,
  now: number,
  score: Score,
  lowestRank = 0,
): ClaimCandidate | null {
  const streams = work
    .streams()
    .filter(({ priority_rank }) => priority_rank >= lowestRank)
    .map((stream) => candidatesOf(work, stream, now));
  let first: ClaimCandidate | null = null;
  let best: { candidate: ClaimCandidate; score: number } | null = null;
  let left = MAX_CANDIDATES;
  for (const candidate of orderOfService({ streams, busy: work.busyKeys(), lastServed, now })) {
    if (left === 0) break;
    left -= 1;
    if (first !== null && !areEqual(first, candidate, now)) continue;
    const value = score(candidate);
    if (value === null) continue;
    if (first === null || best === null) {
      first = candidate;
      best = { candidate, score: value };
      left = Math.min(left, LOOK_AHEAD);
    } else if (value > best.score) {
      best = { candidate, score: value };
    }
  }
  return best?.candidate ?? null;
}

/** What may be served together with a task that has just been claimed: of its key, priority and level, and come at nearly its time. */
export function tasksBehind(work: QueuedWorkStore, claimed: TaskRow, now: number): ClaimCandidate[] {
  const stream = { fair_key: claimed.key_id ?? '', priority_rank: rankOf(claimed.priority) };
  const first = { ...stream, queue_time: claimed.queue_time ?? 0 };
  return work
    .candidates(stream, FIRST_PLACE, now, GROUP_LOOK_AHEAD)
    .filter((candidate) => areEqual(first, candidate, now));
}

type Placed = Pick<ClaimCandidate, 'fair_key' | 'priority_rank' | 'queue_time'>;

/** Of the same key and level, and come at nearly the same time. */
function areEqual(first: Placed, other: Placed, now: number): boolean {
  return (
    first.fair_key === other.fair_key &&
    levelOf(first, now) === levelOf(other, now) &&
    other.queue_time - first.queue_time <= OVERTAKEN_WITHIN_MS
  );
}

/** Read in growing chunks: of most streams only the head is looked at. */
function* candidatesOf(work: QueuedWorkStore, stream: Stream, now: number): Generator<ClaimCandidate> {
  let after = FIRST_PLACE;
  for (let limit = 1; ; limit = Math.min(LARGEST_CHUNK, 4 * limit)) {
    const chunk = work.candidates(stream, after, now, limit);
    yield* chunk;
    const last = chunk.at(-1);
    if (last === undefined || chunk.length < limit) return;
    after = last;
  }
}
