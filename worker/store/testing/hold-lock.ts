// A process that holds the lock of a data folder until it is killed: hold-lock.ts FOLDER
import { lockHome } from '../lock-home.ts';

const lock = lockHome(process.argv[2] ?? '');
process.send?.('locked');
// Listening keeps the process alive; the parent only ever goes away.
process.on('disconnect', () => {
  lock.release();
});
