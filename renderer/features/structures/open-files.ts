// Several files opened together: each is uploaded by itself, and a bad one does not hold up the others.
import { create } from 'zustand';
import type { UploadedStructure } from '../../../contracts/structure.ts';
import { uploadStructure } from './api/upload-structure.ts';

export type OpenedFile = { readonly filename: string } & (
  | { readonly state: 'reading' }
  | { readonly state: 'ready'; readonly structure: UploadedStructure }
  | { readonly state: 'failed'; readonly error: unknown }
);

interface OpenFiles {
  readonly files: readonly OpenedFile[];
  open: (files: readonly File[]) => Promise<void>;
}

const UPLOADS_AT_ONCE = 2;

export const useOpenFiles = create<OpenFiles>()((set) => ({
  files: [],
  open: async (files) => {
    // The array of this opening: a later one replaces it, and what is still under way must not write into that.
    let opened: readonly OpenedFile[] = files.map(({ name }) => ({ filename: name, state: 'reading' }));
    set({ files: opened });
    const put = (index: number, file: OpenedFile): void => {
      const next = opened.map((known, i) => (i === index ? file : known));
      set((current) => (current.files === opened ? { files: next } : current));
      opened = next;
    };
    const queue = files.entries();
    const work = async (): Promise<void> => {
      for (const [index, file] of queue) {
        try {
          put(index, { filename: file.name, state: 'ready', structure: await uploadStructure(file) });
        } catch (error) {
          put(index, { filename: file.name, state: 'failed', error });
        }
      }
    };
    await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work));
  },
}));
