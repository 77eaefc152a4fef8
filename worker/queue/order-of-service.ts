// The order in which waiting tasks are served: level (priority with ageing), then the key that occupies least, then the key
// that was served longest ago, then who came first. Pure: streams come in, candidates come out, one by one.
import type { ClaimCandidate } from '../store/queued-work.ts';

/** A task below HIGH rises by one level for each of these spans that it has waited. */
export const AGEING_MS = 30 * 60_000;
const CRITICAL_LEVEL = 3;
/** Ageing ends here: no waiting makes a task CRITICAL. */
const HIGHEST_AGED_LEVEL = 2;

export function levelOf(
  { priority_rank, queue_time }: { priority_rank: number; queue_time: number },
  now: number,
): number {
  if (priority_rank >= CRITICAL_LEVEL) return priority_rank;
  const risen = Math.floor(Math.max(0, now - queue_time) / AGEING_MS);
  return Math.min(HIGHEST_AGED_LEVEL, priority_rank + risen);
}

export interface ServiceState {
  /** Each the waiting tasks of one key and one priority, first come first. */
  streams: readonly Iterator<ClaimCandidate>[];
  /** Tasks that occupy slots, by key. */
  busy: ReadonlyMap<string, number>;
  /** Number of the last claim of each key; grows. */
  lastServed: ReadonlyMap<string, number>;
  /** Clock of the queue, ms. */
  now: number;
}

/** Whoever has been offered counts as served for what follows: a key whose tasks fit nowhere does not hide the other keys. */
export function* orderOfService({ streams, busy, lastServed, now }: ServiceState): Generator<ClaimCandidate> {
  const heads = streams.map((stream) => ({ stream, head: nextOf(stream) }));
  const offered = new Map<string, number>();
  const rankOf = (candidate: ClaimCandidate): readonly number[] => [
    -levelOf(candidate, now),
    (busy.get(candidate.fair_key) ?? 0) + (offered.get(candidate.fair_key) ?? 0),
    lastServed.get(candidate.fair_key) ?? 0,
    candidate.queue_time,
    candidate.submitted_order,
  ];
  for (;;) {
    let first: (typeof heads)[number] | null = null;
    let firstRank: readonly number[] = [];
    for (const entry of heads) {
      if (entry.head === null) continue;
      const rank = rankOf(entry.head);
      if (first === null || isBefore(rank, firstRank)) [first, firstRank] = [entry, rank];
    }
    const head = first?.head ?? null;
    if (first === null || head === null) return;
    first.head = nextOf(first.stream);
    offered.set(head.fair_key, (offered.get(head.fair_key) ?? 0) + 1);
    yield head;
  }
}

function nextOf(stream: Iterator<ClaimCandidate>): ClaimCandidate | null {
  const result = stream.next();
  return result.done === true ? null : result.value;
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const different = a.findIndex((value, i) => value !== b[i]);
  return different !== -1 && (a[different] ?? 0) < (b[different] ?? 0);
}
