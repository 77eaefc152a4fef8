// Ways in which a database file is lost.
import { closeSync, openSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';

const PAGE = 4096;

/** Overwrites `length` bytes from `offset` on with what no page looks like. */
function scribble(file: string, offset: number, length: number): void {
  const handle = openSync(file, 'r+');
  try {
    writeSync(handle, Buffer.alloc(length, 0xa5), 0, length, offset);
  } finally {
    closeSync(handle);
  }
}

export const DAMAGES = {
  'garbage in the header': (file: string) => {
    scribble(file, 0, 100);
  },
  'garbage in its pages': (file: string) => {
    scribble(file, PAGE, statSync(file).size - PAGE);
  },
  'garbage in the second half': (file: string) => {
    const half = PAGE * Math.floor(statSync(file).size / PAGE / 2);
    scribble(file, half, statSync(file).size - half);
  },
  'cut off in the middle': (file: string) => {
    truncateSync(file, Math.floor(statSync(file).size / 2));
  },
  'cut off inside the first page': (file: string) => {
    truncateSync(file, 50);
  },
  'no byte left': (file: string) => {
    truncateSync(file, 0);
  },
  'another file in its place': (file: string) => {
    writeFileSync(file, 'notes of a chemist\n'.repeat(1000));
  },
} as const satisfies Record<string, (file: string) => void>;
