// Every step of a relaxation in a file, so that the next attempt knows the history that led to a checkpoint. Together with
// each step stands how long the trajectory was, so that it can be cut where the checkpoint was written.
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { relaxStepSchema } from '../../../contracts/kernel-message.ts';
import { checkpointFile } from '../checkpoint-files.ts';
import { GrowingFile } from '../output/growing-file.ts';
import type { StepRecord } from './analyze.ts';

/** A step is lost with the process for at most so long; the checkpoints that count are those whose steps are here. */
const LONGEST_DELAY_MS = 200;
const MOST_LINES = 64;

const stepRecordSchema = relaxStepSchema.pick({
  step: true,
  energy_eV: true,
  max_force_eV_A: true,
  max_cell_force_eV_A: true,
  volume_A3: true,
  stress_voigt_eV_A3: true,
}) satisfies z.ZodType<StepRecord>;

const lineSchema = z.object({ record: stepRecordSchema, trajectory_bytes: z.int().nonnegative() });
export type JournalLine = z.infer<typeof lineSchema>;

export class StepJournal {
  readonly #file: GrowingFile;
  readonly #clock: () => number;
  #waiting: string[] = [];
  #writtenAt: number;

  private constructor(file: GrowingFile, clock: () => number) {
    this.#file = file;
    this.#clock = clock;
    this.#writtenAt = clock();
  }

  /** @param lines those of an earlier attempt that stay */
  static async open(folder: string, lines: readonly JournalLine[], clock: () => number): Promise<StepJournal> {
    const kept = lines.map(formatLine).join('');
    return new StepJournal(await GrowingFile.open(pathOf(folder), Buffer.byteLength(kept)), clock);
  }

  async add(line: JournalLine): Promise<void> {
    this.#waiting.push(formatLine(line));
    if (this.#waiting.length >= MOST_LINES || this.#clock() - this.#writtenAt >= LONGEST_DELAY_MS) await this.write();
  }

  async write(): Promise<void> {
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#writtenAt = this.#clock();
    if (text !== '') await this.#file.append(text);
  }

  async sync(): Promise<void> {
    await this.write();
    await this.#file.sync();
  }

  async close(): Promise<void> {
    try {
      await this.write();
    } finally {
      await this.#file.close();
    }
  }
}

/** The lines from step 0 on, without a gap; what comes after a torn line is not there. */
export async function readStepJournal(folder: string): Promise<JournalLine[]> {
  const text = await readFile(pathOf(folder), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const lines: JournalLine[] = [];
  for (const json of text.split('\n')) {
    const line = parseLine(json);
    if (line?.record.step !== lines.length) break;
    lines.push(line);
  }
  return lines;
}

function parseLine(json: string): JournalLine | null {
  try {
    return lineSchema.parse(JSON.parse(json));
  } catch {
    // Torn by the end of the process that wrote it.
    return null;
  }
}

function formatLine(line: JournalLine): string {
  return `${JSON.stringify(line)}\n`;
}

function pathOf(folder: string): string {
  return checkpointFile(folder, 'steps.jsonl');
}
