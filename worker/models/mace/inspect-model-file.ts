// What a checkpoint is, for whoever asks before importing it: nothing is written.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { ServiceError } from '../../../contracts/error-code.ts';
import { openCheckpoint } from '../checkpoint/open-checkpoint.ts';
import type { Checkpoint } from '../checkpoint/values.ts';
import { countParameters, extractMaceModel, headsOf, readAtomicNumbers } from './extract.ts';
import type { MaceDescription } from './extract.ts';
import { hashFile } from './model-folder.ts';
import { listAt, shortName } from './module-tree.ts';
import type { ModuleNode } from './module-tree.ts';
import { moduleTreeOf } from './read-checkpoint-model.ts';
import type { StateDictDetails } from '../../../contracts/mace-model.ts';

export interface InspectedModelFile {
  readonly file_name: string;
  readonly size_bytes: number;
  readonly sha256: string;
  /** Of the root; null for what is no model. */
  readonly class_name: string | null;
  /** What the file tells of the program that wrote it. */
  readonly written_by: string | null;
  readonly atomic_numbers: number[] | null;
  readonly heads: string[] | null;
  readonly blocks: string[] | null;
  readonly n_parameters: number | null;
  /** Everything that goes into model.json; null when it is refused. */
  readonly model: MaceDescription | null;
  /** Sentences; empty: the kernel computes it. */
  readonly refusals: string[];
}

/** @param details for a state dict */
export async function inspectModelFile(path: string, details?: StateDictDetails): Promise<InspectedModelFile> {
  const { size: size_bytes } = await stat(path);
  const report = {
    file_name: basename(path),
    size_bytes,
    sha256: await hashFile(path),
    class_name: null,
    written_by: null,
    atomic_numbers: null,
    heads: null,
    blocks: null,
    n_parameters: null,
    model: null,
    refusals: [],
  };
  try {
    const checkpoint = await openCheckpoint(path);
    try {
      const root = await moduleTreeOf(checkpoint, details);
      return { ...report, ...(await describe(checkpoint, root)), ...(await modelOf(checkpoint, root)) };
    } finally {
      await checkpoint.close();
    }
  } catch (error) {
    return { ...report, refusals: reasonsOf(error) };
  }
}

type Description = Pick<
  InspectedModelFile,
  'class_name' | 'written_by' | 'atomic_numbers' | 'heads' | 'blocks' | 'n_parameters'
>;

/** As much as can be told of a tree that may be refused. */
async function describe(checkpoint: Checkpoint, root: ModuleNode): Promise<Description> {
  const orNull = async <T>(read: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof ServiceError) return null;
      throw error;
    }
  };
  return {
    class_name: root.class_name,
    written_by: writtenBy(root),
    atomic_numbers: await orNull(() => readAtomicNumbers(checkpoint, root)),
    heads: await orNull(() => headsOf(root.attributes.get('heads'))),
    blocks: await orNull(() => listAt(root, 'interactions').map(({ class_name }) => shortName(class_name))),
    n_parameters: countParameters(root),
  };
}

/** mace-torch leaves no version behind, but has kept the exponent of the cutoff as an integer since 0.3.10. */
function writtenBy(root: ModuleNode): string | null {
  const p = root.children.get('radial_embedding')?.children.get('cutoff_fn')?.buffers.get('p');
  if (p === undefined) return null;
  return p.dtype.startsWith('I') ? 'mace-torch 0.3.10 or later' : 'mace-torch before 0.3.10';
}

async function modelOf(
  checkpoint: Checkpoint,
  root: ModuleNode,
): Promise<Pick<InspectedModelFile, 'model' | 'refusals'>> {
  try {
    return { model: (await extractMaceModel(checkpoint, root)).description, refusals: [] };
  } catch (error) {
    return { model: null, refusals: reasonsOf(error) };
  }
}

const reasonsSchema = z.object({ reasons: z.array(z.string()).optional(), message: z.string() });

/** @throws what is no refusal of the file */
export function reasonsOf(error: unknown): string[] {
  if (!(error instanceof ServiceError)) throw error;
  const parsed = reasonsSchema.safeParse(error.details);
  if (!parsed.success) return [error.message];
  return parsed.data.reasons ?? [parsed.data.message];
}
