// Long lists are gone through in pieces, and whoever else asks meanwhile is answered in between.
import { setImmediate } from 'node:timers/promises';

const AT_ONCE = 50;

/** Awaited at the begin of each turn. @param i number of the turn */
export async function giveWay(i: number): Promise<void> {
  if (i > 0 && i % AT_ONCE === 0) await setImmediate();
}
