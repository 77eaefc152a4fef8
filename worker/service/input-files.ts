// Structures as tasks got them: one file per content in `inputs/`, whatever the number of tasks. It is on disk before the first
// row names it, so that a task needs nothing but its row, and it goes when no row names it any more.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { copyFile, link, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { structureGeometrySchema } from '../../contracts/structure.ts';
import type { StructureGeometry } from '../../contracts/structure.ts';
import { STRUCTURE_FILE } from '../pool/attempt-input.ts';
import { REPLACED_DATABASE } from '../store/backups.ts';
import type { Store } from '../store/store.ts';
import { syncFolder, writeFileAtomic } from '../store/write-file.ts';

const FILE_NAME = /^([0-9a-f]{64})\.json$/;
/** Of a write that a crash interrupted; see write-file.ts. */
const UNFINISHED_NAME = /^\.[0-9a-f]{64}\.json\.[0-9a-f]{12}\.tmp$/;

export interface InputFiles {
  /** @returns SHA-256 of the file, hex; on disk when it settles */
  keep(geometry: StructureGeometry): Promise<string>;
  /** Asked in the tick in which the row is written: the last task that had it may have been deleted since `keep`. */
  isThere(sha256: string): boolean;
  path(sha256: string): string;
  read(sha256: string): Promise<StructureGeometry>;
  /** As `structure.json` of a task's folder. */
  putInto(sha256: string, folder: string): Promise<void>;
  /** Called after a row is gone, or was not written. */
  forgetUnneeded(sha256: string): void;
  /** At start, before anything else happens to tasks: what a crash left of submissions that nobody was told of. */
  start(): Promise<void>;
}

export function createInputFiles(store: Pick<Store, 'home' | 'inputsFolder' | 'taskInputs'>): InputFiles {
  const { inputsFolder, taskInputs } = store;
  const path = (sha256: string): string => join(inputsFolder, `${sha256}.json`);
  /** Of geometries that are in memory: their text is made once. */
  const known = new WeakMap<StructureGeometry, string>();
  /** Under way: whoever needs the same file waits for the same disk. */
  const writing = new Map<string, Promise<void>>();

  const write = async (sha256: string, content: string): Promise<void> => {
    const mine = writing.get(sha256) ?? writeFileAtomic(path(sha256), content).finally(() => writing.delete(sha256));
    writing.set(sha256, mine);
    await mine;
  };

  const forgetUnneeded = (sha256: string): void => {
    if (!taskInputs.isNeeded(sha256)) rmSync(path(sha256), { force: true });
  };

  return {
    path,
    isThere: (sha256) => existsSync(path(sha256)),
    forgetUnneeded,

    keep: async (geometry) => {
      const name = known.get(geometry);
      if (name !== undefined && !writing.has(name) && existsSync(path(name))) return name;
      const content = JSON.stringify(geometry);
      const sha256 = createHash('sha256').update(content).digest('hex');
      if (writing.has(sha256) || !existsSync(path(sha256))) await write(sha256, content);
      known.set(geometry, sha256);
      return sha256;
    },

    read: async (sha256) => structureGeometrySchema.parse(JSON.parse(await readFile(path(sha256), 'utf8'))),

    putInto: async (sha256, folder) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const target = join(folder, STRUCTURE_FILE);
      if (existsSync(target)) return;
      // Nothing writes into it, so one file may have many names; not every disk can do that.
      await link(path(sha256), target).catch(() => copyFile(path(sha256), target));
    },

    start: async () => {
      // What was written just before the power failed may have its name in memory only.
      await syncFolder(inputsFolder);
      // A database that was put aside names files, too.
      if (readdirSync(store.home).some((name) => name.includes(REPLACED_DATABASE))) return;
      for (const name of readdirSync(inputsFolder)) {
        const sha256 = FILE_NAME.exec(name)?.[1];
        if (sha256 !== undefined) forgetUnneeded(sha256);
        else if (UNFINISHED_NAME.test(name)) rmSync(join(inputsFolder, name), { force: true });
      }
    },
  };
}
