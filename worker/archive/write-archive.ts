// A zip written as a stream: entries one after another, each hashed on its way, the list of checksums last. Memory does not
// grow with the size of the files.
import { createHash } from 'node:crypto';
import { PassThrough, Readable, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { ZipFile } from 'yazl';
import { ARCHIVE_CHECKSUMS } from '../../contracts/task-archive.ts';

export interface ArchiveEntry {
  /** With `/` between folders. */
  name: string;
  /** Called when the entry's turn has come. */
  open: () => Readable;
}

/**
 * @param written of every entry, so that the same content gives the same archive
 * @returns ends with an error when an entry cannot be read; destroying it closes what is open
 */
export function writeArchive(entries: readonly ArchiveEntry[], written: Date): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  const checksums: string[] = [];
  let current: Readable | null = null;
  const options = { mtime: written, mode: 0o100644 };

  for (const { name, open } of entries) {
    zip.addReadStreamLazy(name, options, (give) => {
      const source = open();
      const hashing = hashOnTheWay((sha256) => checksums.push(`${sha256}  ${name}\n`));
      source.once('error', (error) => output.destroy(error));
      current = source;
      give(null, source.pipe(hashing));
    });
  }
  zip.addReadStreamLazy(ARCHIVE_CHECKSUMS, options, (give) => {
    give(null, Readable.from([checksums.join('')]));
  });

  zip.on('error', (error: Error) => output.destroy(error));
  output.once('close', () => current?.destroy());
  zip.outputStream.pipe(output);
  zip.end();
  return output;
}

function hashOnTheWay(tell: (sha256: string) => void): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done: TransformCallback) {
      tell(hash.digest('hex'));
      done();
    },
  });
}
