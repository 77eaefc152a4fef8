// Files that the system asks us to open: by double click, on the command line, by a second start, through the menu.
// They are read here and handed to the page, which uploads them like any dropped file.
import { app, dialog } from 'electron';
import type { WebContents } from 'electron';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { OpenedFile } from '../contracts/desktop-bridge.ts';
import { CHANNELS } from './channels.ts';
import { structureFilesOf } from './structure-files.ts';

/** As much as the service accepts. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const DIALOG_EXTENSIONS = ['cif', 'xyz', 'extxyz', 'poscar', 'vasp'];

export interface OpenedFiles {
  /** Failures are told in a box. */
  open(path: string): void;
  /** From now on files go to this page; what has waited goes first. */
  deliverTo(page: WebContents): void;
}

export function watchOpenedFiles(): OpenedFiles {
  const waiting: OpenedFile[] = [];
  let target: WebContents | null = null;

  async function read(path: string): Promise<void> {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      dialog.showErrorBox(
        basename(path),
        `${size} bytes: a structure file may have at most ${MAX_FILE_BYTES} bytes (64 MiB).`,
      );
      return;
    }
    const file: OpenedFile = { name: basename(path), bytes: new Uint8Array(await readFile(path)) };
    if (target === null || target.isDestroyed()) waiting.push(file);
    else target.send(CHANNELS.openFile, file);
  }

  const open = (path: string): void => {
    read(path).catch((error: unknown) => {
      dialog.showErrorBox(basename(path), error instanceof Error ? error.message : String(error));
    });
  };
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open(path);
  });
  app.on('second-instance', (_event, argv, workingDirectory) => {
    for (const path of structureFilesOf(argv.slice(1))) open(resolve(workingDirectory, path));
  });
  for (const path of structureFilesOf(process.argv.slice(1))) open(resolve(path));

  return {
    open,
    deliverTo: (page) => {
      target = page;
      for (const file of waiting.splice(0)) page.send(CHANNELS.openFile, file);
    },
  };
}

export async function askForFiles(open: (path: string) => void): Promise<void> {
  const { filePaths } = await dialog.showOpenDialog({
    properties: ['openFile'],
    filters: [
      { name: 'CIF, XYZ, POSCAR', extensions: DIALOG_EXTENSIONS },
      { name: '*', extensions: ['*'] },
    ],
  });
  const [path] = filePaths;
  if (path !== undefined) open(path);
}
