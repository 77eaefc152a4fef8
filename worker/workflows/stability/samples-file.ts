// samples.csv: one line per sample of the run, written as they come. It is a result, and what a later attempt goes on from.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { mdSampleSchema } from '../../../contracts/kernel-message.ts';
import { formatCsvRow } from '../output/csv.ts';
import { GrowingFile } from '../output/growing-file.ts';

export const sampleSchema = mdSampleSchema.pick({
  step: true,
  time_fs: true,
  potential_energy_eV: true,
  kinetic_energy_eV: true,
  conserved_energy_eV: true,
  temperature_k: true,
  volume_A3: true,
  pressure_eV_A3: true,
});
export type Sample = z.infer<typeof sampleSchema>;

const COLUMNS = sampleSchema.keyof().options;
const HEADER = `${COLUMNS.join(',')}\n`;

export class SamplesFile {
  readonly #file: GrowingFile;

  private constructor(file: GrowingFile) {
    this.#file = file;
  }

  /** @param bytes of an earlier attempt that stay, as `readSamples` tells them; 0 begins anew */
  static async open(folder: string, bytes: number): Promise<SamplesFile> {
    const file = await GrowingFile.open(pathOf(folder), bytes);
    if (bytes === 0) await file.append(HEADER);
    return new SamplesFile(file);
  }

  async add(sample: Sample): Promise<void> {
    await this.#file.append(`${formatCsvRow(COLUMNS.map((column) => sample[column]))}\n`);
  }

  async sync(): Promise<void> {
    await this.#file.sync();
  }

  /** Safe to call twice. */
  async close(): Promise<void> {
    await this.#file.close();
  }
}

export interface ReadSample {
  sample: Sample;
  /** Length of the file up to the end of this line. */
  bytes: number;
}

/** Line by line until the end, or until a line that is torn or makes no sense; nothing when there is no such file. */
export async function* readSamples(folder: string): AsyncGenerator<ReadSample> {
  let bytes = 0;
  for await (const line of readLines(pathOf(folder))) {
    bytes += line.length + 1;
    if (bytes === HEADER.length) continue;
    const sample = parseLine(line);
    if (sample === null) return;
    yield { sample, bytes };
  }
}

/** Whole lines of an ASCII file, without their ends; what follows the last end is not there. */
async function* readLines(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, 'latin1')) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function parseLine(line: string): Sample | null {
  const fields = line.split(',').map((field) => (field === '' ? null : Number(field)));
  const parsed = sampleSchema.safeParse(Object.fromEntries(COLUMNS.map((column, k) => [column, fields[k]])));
  return parsed.success ? parsed.data : null;
}

function pathOf(folder: string): string {
  return join(folder, 'samples.csv');
}
