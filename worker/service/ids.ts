// Identifiers: a prefix that tells what it is, and 80 random bits.
import { randomBytes } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 16;

export function createId(
  prefix: 'task' | 'batch' | 'campaign' | 'file' | 'alert' | 'model' | 'key' | 'delivery',
): string {
  // 256 is a multiple of 32, so every letter is equally likely.
  const letters = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]);
  return `${prefix}_${letters.join('')}`;
}
