// Is this file a checkpoint that torch.save wrote? Reads the directory of the zip archive and nothing of its content: a pickle
// is a program, and programs of strangers are not run here.
import { openPromise } from 'yauzl';

/** The largest checkpoints have some thousand tensors, one entry each. */
const MAX_ENTRIES = 100_000;

/** @returns what is wrong, in a sentence for its user; null when it looks like one */
export async function inspectCheckpoint(path: string): Promise<string | null> {
  const zip = await openPromise(path, { strictFileNames: true, autoClose: false }).catch(() => null);
  if (zip === null) {
    return 'It is no zip archive, and so no checkpoint; save the model with torch.save of PyTorch 1.6 or later.';
  }
  try {
    if (zip.entryCount > MAX_ENTRIES) return `It has more than ${MAX_ENTRIES} entries.`;
    for await (const { fileName } of zip.eachEntry()) if (/(^|\/)data\.pkl$/.test(fileName)) return null;
    return 'It is a zip archive without data.pkl, and so no checkpoint; save the model with torch.save.';
  } catch (error) {
    return `Its directory cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
  } finally {
    zip.close();
  }
}
