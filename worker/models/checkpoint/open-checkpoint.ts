// A checkpoint of PyTorch as data: its archive is checked, its pickle read by a machine that calls nothing, its tensors on demand.
import { Archive } from './archive.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { CHECKPOINT_LIMITS } from './limits.ts';
import type { CheckpointLimits } from './limits.ts';
import { readPickle } from './read-pickle.ts';
import { gatherTensor } from './read-tensor.ts';
import type { Checkpoint, TensorValue, Value } from './values.ts';

/**
 * Read what `torch.save` wrote: a whole module or a state dict.
 *
 * @throws CheckpointError with a sentence for the user when the file is not one, is damaged, or asks for more than data; the file is
 *   closed then
 */
export async function openCheckpoint(path: string, limits: CheckpointLimits = CHECKPOINT_LIMITS): Promise<Checkpoint> {
  const archive = await Archive.open(path, limits);
  try {
    const folder = findRoot(archive.names());
    await checkByteOrder(archive, folder);
    const root = await readRoot(archive, folder, limits);
    return new OpenCheckpoint(archive, folder, root);
  } catch (error) {
    await archive.close();
    throw error;
  }
}

/** The folder of the archive, which is named for the file when it was saved, or `archive`. */
function findRoot(names: Iterable<string>): string {
  const roots = [...names].flatMap((name) =>
    /^[^/]+\/data\.pkl$/.test(name) ? [name.slice(0, -'/data.pkl'.length)] : [],
  );
  const [root, second] = roots;
  if (root === undefined)
    throw new CheckpointError(
      'It is a zip archive without data.pkl, and so no checkpoint; save the model with torch.save.',
    );
  if (second !== undefined) throw new CheckpointError('It holds more than one data.pkl.');
  return root;
}

async function checkByteOrder(archive: Archive, folder: string): Promise<void> {
  const name = `${folder}/byteorder`;
  const size = archive.entrySize(name);
  if (size === null) return;
  const isLittle = size === 'little'.length && Buffer.from(await archive.read(name)).toString('latin1') === 'little';
  if (!isLittle)
    throw new CheckpointError(
      'Its numbers are not little-endian. Save the model again on a computer whose numbers are.',
    );
}

async function readRoot(archive: Archive, folder: string, limits: CheckpointLimits): Promise<Value> {
  const name = `${folder}/data.pkl`;
  const size = archive.entrySize(name) ?? 0;
  if (size > limits.max_pickle_bytes)
    throw new CheckpointError(`data.pkl has ${size} bytes; at most ${limits.max_pickle_bytes} are read.`);
  const bytes = await archive.read(name);
  const storageSize = (key: string): number | null => {
    const bytesOfStorage = archive.entrySize(`${folder}/data/${key}`);
    if (bytesOfStorage !== null && bytesOfStorage > limits.max_storage_bytes) {
      throw new CheckpointError(`A storage has ${bytesOfStorage} bytes; at most ${limits.max_storage_bytes} are read.`);
    }
    return bytesOfStorage;
  };
  return readPickle(Buffer.from(bytes.buffer), storageSize, limits);
}

class OpenCheckpoint implements Checkpoint {
  readonly root: Value;
  readonly size_bytes: number;
  readonly #archive: Archive;
  readonly #folder: string;
  /** Several tensors often share one storage, and come one after another. */
  #lastStorage: { readonly key: string; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } | null = null;

  constructor(archive: Archive, folder: string, root: Value) {
    this.#archive = archive;
    this.#folder = folder;
    this.root = root;
    this.size_bytes = archive.size_bytes;
  }

  async readTensor(tensor: TensorValue): ReturnType<Checkpoint['readTensor']> {
    return gatherTensor(tensor, await this.#readStorage(tensor.storage));
  }

  async close(): Promise<void> {
    this.#lastStorage = null;
    await this.#archive.close();
  }

  #readStorage(key: string): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#lastStorage?.key !== key) {
      this.#lastStorage = { key, bytes: this.#archive.read(`${this.#folder}/data/${key}`) };
    }
    return this.#lastStorage.bytes;
  }
}
