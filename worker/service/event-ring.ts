// Numbered items that are kept for a while in memory, so that whoever was away can go on from where it was.

export interface NumberedItem<Item> {
  number: number;
  item: Item;
}

export interface EventRing<Item> {
  append(item: Item): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (entry: NumberedItem<Item>) => void): () => void;
  /** Everything after this number, in order; null when that is not known any more. */
  since(number: number): readonly NumberedItem<Item>[] | null;
  /** The last `count` items, oldest first. */
  latest(count: number): readonly NumberedItem<Item>[];
  lastNumber(): number;
}

/**
 * @param startedAt numbers begin here, in thousandths of ms since 1970, so that those of an earlier run are older than all of
 *   this one and nobody goes on in the wrong run
 */
export function createEventRing<Item>(startedAt: Date, maxKept: number): EventRing<Item> {
  const listeners = new Set<(entry: NumberedItem<Item>) => void>();
  const kept: NumberedItem<Item>[] = [];
  let last = startedAt.getTime() * 1000;

  return {
    append: (item) => {
      last += 1;
      const entry = { number: last, item };
      kept.push(entry);
      // Cut off in portions: shifting an array of thousands for every item would be most of the work.
      if (kept.length >= 2 * maxKept) kept.splice(0, kept.length - maxKept);
      for (const listener of [...listeners]) listener(entry);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    since: (number) => {
      const oldest = kept[0]?.number ?? last + 1;
      if (number < oldest - 1 || number > last) return null;
      return kept.slice(number - oldest + 1);
    },
    latest: (count) => kept.slice(Math.max(0, kept.length - count)),
    lastNumber: () => last,
  };
}
