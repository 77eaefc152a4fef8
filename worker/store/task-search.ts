// The index of trigrams that finds parts of names: what it is asked, and when it is the shorter way.
import { z } from 'zod';
import type { Connection } from './open-database.ts';
import { foldText } from './task-row.ts';

/** Shorter texts have no trigram. */
const MIN_LETTERS = 3;

export interface TaskSearch {
  /** What the index is asked for a part of a name; null for one that it cannot answer. */
  matchOf(search: string): string | null;
  /** Are there no more than `limit` that match? */
  hasFew(match: string, limit: number): boolean;
  /** Does every task belong to this owner? The index does not know owners. */
  isOnlyOwner(owner: string): boolean;
}

export function createTaskSearch(connection: Connection): TaskSearch {
  const countUpTo = connection
    .prepare('SELECT count(*) FROM (SELECT 1 FROM task_search WHERE task_search MATCH :match LIMIT :limit)')
    .pluck();
  const others = connection.prepare('SELECT EXISTS (SELECT 1 FROM task_counts WHERE owner <> ?)').pluck();
  const number = z.int();
  return {
    matchOf: (search) => {
      const text = foldText(search);
      if (Array.from(text).length < MIN_LETTERS) return null;
      return `"${text.replaceAll('"', '""')}"`;
    },
    hasFew: (match, limit) => number.parse(countUpTo.get({ match, limit: limit + 1 })) <= limit,
    isOnlyOwner: (owner) => others.get(owner) === 0,
  };
}
