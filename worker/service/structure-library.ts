// Structures that tasks may use: uploads (kept as they came and as they were parsed) and the built-in ones.
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { ServiceError } from '../../contracts/error-code.ts';
import {
  builtinStructureIndexSchema,
  builtinStructureListSchema,
  structureGeometrySchema,
} from '../../contracts/structure.ts';
import type {
  BuiltinStructure,
  BuiltinStructureIndex,
  StructureFormat,
  storedStructureSchema,
  StructureGeometry,
  StructureSource,
  UploadedStructure,
} from '../../contracts/structure.ts';
import type { Store } from '../store/store.ts';
import { writeFileAtomic } from '../store/write-file.ts';
import { createId } from './ids.ts';

export interface ReadStructure extends StructureGeometry {
  format: StructureFormat;
}

/** @throws ServiceError */
export type ReadStructureFile = (bytes: Uint8Array, filename: string) => Promise<ReadStructure>;

export interface StructureFileContent {
  filename: string;
  format: StructureFormat;
  bytes: Uint8Array;
}

/** What the library holds. An inline structure becomes an upload first; a task's own is with that task. */
export type LibrarySource = Extract<StructureSource, { source: 'upload' | 'builtin' }>;
export type InlineSource = Extract<StructureSource, { source: 'inline' }>;

export interface StructureLibrary {
  /** @param name replaces the file's own name in lists. @throws ServiceError 40009 | 4220x */
  upload(owner: string, filename: string, bytes: Uint8Array, name: string | undefined): Promise<UploadedStructure>;
  /** Keeps the text as an upload, so that tasks name it instead of carrying it. @throws as `upload` */
  keepInline(owner: string, source: InlineSource): Promise<LibrarySource>;
  /** What was uploaded, newest first. */
  list(
    owner: string,
    page: number,
    page_size: number,
  ): { structures: z.infer<typeof storedStructureSchema>[]; total: number };
  /** The file as it was uploaded. @throws ServiceError 40402 */
  file(owner: string, file_id: string): Promise<StructureFileContent>;
  /** @throws ServiceError 40402 | 40905 while a task that was submitted with it has not ended */
  remove(owner: string, file_id: string): Promise<void>;
  builtins(): Promise<BuiltinStructure[]>;
  /** @throws ServiceError 40406 */
  builtinFile(name: string): Promise<StructureFileContent>;
  /** As it was uploaded, or as it is shipped. @throws ServiceError 40402 | 40406 */
  originalFile(owner: string, source: LibrarySource): Promise<StructureFileContent>;
  /** @throws ServiceError 40402 | 40406 */
  geometry(owner: string, source: LibrarySource): Promise<StructureGeometry>;
}

export interface StructureLibraryParts {
  store: Store;
  /** Holds `structures/index.json` and the files that it names. */
  resourcesFolder: string;
  readUpload: ReadStructureFile;
  readBuiltin: ReadStructureFile;
  now: () => Date;
}

export function createStructureLibrary({
  store,
  resourcesFolder,
  readUpload,
  readBuiltin,
  now,
}: StructureLibraryParts): StructureLibrary {
  const builtinFolder = join(resourcesFolder, 'structures');
  const readIndex = once(async (): Promise<BuiltinStructureIndex['structures']> => {
    const json: unknown = JSON.parse(await readFile(join(builtinFolder, 'index.json'), 'utf8'));
    return builtinStructureIndexSchema.parse(json).structures;
  });
  const builtinGeometries = new Map<string, Promise<StructureGeometry>>();

  const builtinFile = async (name: string): Promise<StructureFileContent> => {
    const entry = (await readIndex()).find((structure) => structure.name === name);
    if (entry === undefined) {
      const message = `There is no built-in structure "${name}". GET /structures/builtin lists them.`;
      throw new ServiceError(40406, { message, name });
    }
    return { filename: entry.file, format: 'cif', bytes: await readFile(join(builtinFolder, entry.file)) };
  };

  const builtinGeometry = async (name: string): Promise<StructureGeometry> => {
    const { filename, bytes } = await builtinFile(name);
    const { structure, summary } = await readBuiltin(bytes, filename);
    return { name, structure, summary };
  };

  const uploaded = (owner: string, file_id: string) => {
    const row = store.structures.find(file_id);
    if (row?.owner !== owner) {
      throw new ServiceError(40402, { message: 'No structure was uploaded under this file_id.', file_id });
    }
    return row;
  };

  const uploadedFile: StructureLibrary['file'] = async (owner, file_id) => {
    const { filename, format } = uploaded(owner, file_id);
    return { filename, format, bytes: await readFile(store.structureFile(file_id)) };
  };

  const upload: StructureLibrary['upload'] = async (owner, givenFilename, bytes, name) => {
    const { structure, summary, format } = await readUpload(bytes, givenFilename);
    const file_id = createId('file');
    const filename = name ?? givenFilename;
    const geometry: StructureGeometry = { name: withoutExtension(filename), structure, summary };
    await writeFileAtomic(store.structureFile(file_id), bytes);
    await writeFileAtomic(store.parsedStructureFile(file_id), JSON.stringify(geometry));
    store.structures.insert({
      file_id,
      owner,
      filename,
      format,
      size_bytes: bytes.length,
      sha256: sha256(bytes),
      summary,
      created_at: now().toISOString(),
    });
    return { file_id, filename, format, ...summary };
  };

  return {
    upload,

    keepInline: async (owner, { format, content, name }) => {
      const bytes = Buffer.from(content, 'utf8');
      const filename = `${withoutExtension(name ?? 'inline')}.${format}`;
      const same = store.structures.findSame(owner, filename, sha256(bytes));
      const { file_id } = same ?? (await upload(owner, filename, bytes, undefined));
      return { source: 'upload', file_id };
    },

    list: (owner, page, page_size) => ({
      structures: store.structures
        .list(owner, page_size, (page - 1) * page_size)
        .map(({ file_id, filename, format, size_bytes, created_at, summary }) => {
          return { file_id, filename, format, size_bytes, created_at, ...summary };
        }),
      total: store.structures.count(owner),
    }),

    file: uploadedFile,

    originalFile: (owner, source) =>
      source.source === 'builtin' ? builtinFile(source.name) : uploadedFile(owner, source.file_id),

    remove: async (owner, file_id) => {
      uploaded(owner, file_id);
      if (!store.structures.remove(owner, file_id)) {
        const message = 'A task that has not ended was submitted with this structure. Wait for it, or cancel it.';
        throw new ServiceError(40905, { message, file_id });
      }
      await rm(store.structureFile(file_id), { force: true });
      await rm(store.parsedStructureFile(file_id), { force: true });
    },

    builtins: async () => builtinStructureListSchema.parse({ structures: await readIndex() }).structures,

    builtinFile,

    geometry: async (owner, source) => {
      switch (source.source) {
        case 'upload': {
          uploaded(owner, source.file_id);
          const json: unknown = JSON.parse(await readFile(store.parsedStructureFile(source.file_id), 'utf8'));
          return structureGeometrySchema.parse(json);
        }
        case 'builtin': {
          const { name } = source;
          const known = builtinGeometries.get(name) ?? builtinGeometry(name);
          builtinGeometries.set(name, known);
          // A failure is not kept: an unknown name must not grow the map, a repaired file must be read again.
          known.catch(() => builtinGeometries.delete(name));
          return known;
        }
      }
    },
  };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** Calls `load` when first needed; a failure is not remembered. */
function once<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loaded: Promise<Value> | null = null;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = null;
      throw error;
    });
    return loaded;
  };
}

function withoutExtension(filename: string): string {
  return filename.replace(/\.(cif|xyz|extxyz|vasp|poscar)$/i, '');
}
