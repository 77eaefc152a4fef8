// How long requests took, as a histogram over the last minutes: constant memory, whatever the load.

/** Each bucket is this much wider than the one before it: a quantile is exact to 10 %. */
const GROWTH = 1.1;
const SHORTEST_MS = 0.1;
const N_BUCKETS = 160;
const SLICE_MS = 30_000;
const N_SLICES = 10;

export interface LatencyRecorder {
  record(ms: number): void;
  /** Of the last five minutes; null when nobody asked for anything. */
  quantileMs(quantile: number): number | null;
}

interface Slice {
  number: number;
  counts: Uint32Array;
}

/** @param nowMs monotonic, ms */
export function createLatencyRecorder(nowMs: () => number): LatencyRecorder {
  const slices: Slice[] = [];

  const currentSlice = (): Slice => {
    const number = Math.floor(nowMs() / SLICE_MS);
    const last = slices.at(-1);
    if (last?.number === number) return last;
    const fresh = { number, counts: new Uint32Array(N_BUCKETS) };
    slices.push(fresh);
    if (slices.length > N_SLICES) slices.shift();
    return fresh;
  };

  return {
    record: (ms) => {
      const { counts } = currentSlice();
      const bucket = bucketOf(ms);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    },
    quantileMs: (quantile) => {
      const oldest = Math.floor(nowMs() / SLICE_MS) - N_SLICES;
      const recent = slices.filter(({ number }) => number > oldest);
      const sums = Array.from({ length: N_BUCKETS }, (_, i) =>
        recent.reduce((sum, { counts }) => sum + (counts[i] ?? 0), 0),
      );
      const total = sums.reduce((sum, count) => sum + count, 0);
      if (total === 0) return null;
      let left = Math.ceil(quantile * total);
      const bucket = sums.findIndex((count) => (left -= count) <= 0);
      return SHORTEST_MS * GROWTH ** (bucket === -1 ? N_BUCKETS - 1 : bucket);
    },
  };
}

function bucketOf(ms: number): number {
  if (ms <= SHORTEST_MS) return 0;
  return Math.min(N_BUCKETS - 1, Math.ceil(Math.log(ms / SHORTEST_MS) / Math.log(GROWTH)));
}
