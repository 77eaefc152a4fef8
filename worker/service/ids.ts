// Identifiers: a prefix that tells what it is, and 80 random bits.
import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 16;

/** Random bytes are fetched for many ids at once: each fetch costs about as much as the rest of an id. */
const POOL_BYTES = 64 * LENGTH;
let pool = Buffer.alloc(0);
let used = 0;

export function createId(
  prefix: 'task' | 'batch' | 'campaign' | 'file' | 'alert' | 'model' | 'key' | 'delivery',
): string {
  // 256 is a multiple of 32, so every letter is equally likely.
  const letters = Array.from(takeBytes(), (byte) => ALPHABET[byte % ALPHABET.length]);
  return `${prefix}_${letters.join('')}`;
}

function takeBytes(): Buffer {
  if (used === pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += LENGTH;
  return pool.subarray(used - LENGTH, used);
}
