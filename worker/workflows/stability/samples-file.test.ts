import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSamples, SamplesFile } from './samples-file.ts';
import type { ReadSample, Sample } from './samples-file.ts';

let folder = '';
const path = () => join(folder, 'samples.csv');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-samples-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function sampleAt(step: number): Sample {
  return {
    step,
    time_fs: step / 3,
    potential_energy_eV: -Math.PI * step,
    kinetic_energy_eV: 1 / 7,
    conserved_energy_eV: 1e-300,
    temperature_k: 299.99999999999994,
    volume_A3: step === 0 ? null : 4305.720788517504,
    pressure_eV_A3: null,
  };
}

async function write(steps: readonly number[], bytes = 0): Promise<void> {
  const file = await SamplesFile.open(folder, bytes);
  for (const step of steps) await file.add(sampleAt(step));
  await file.close();
}

async function readAll(): Promise<ReadSample[]> {
  const read: ReadSample[] = [];
  for await (const one of readSamples(folder)) read.push(one);
  return read;
}

it('samples_read_back_bit_for_bit', async () => {
  await write([0, 10, 20]);
  expect((await readAll()).map(({ sample }) => sample)).toEqual([0, 10, 20].map(sampleAt));
});

it('a_torn_line_is_not_there_and_is_cut_off_by_who_goes_on', async () => {
  await write([0, 10]);
  const whole = readFileSync(path(), 'utf8');
  appendFileSync(path(), '20,6.6');
  const read = await readAll();
  expect(read.map(({ sample }) => sample.step)).toEqual([0, 10]);
  expect(read.at(-1)?.bytes).toBe(whole.length);
  await write([20], read[0]?.bytes);
  expect((await readAll()).map(({ sample }) => sample.step)).toEqual([0, 20]);
});

it('nothing_is_read_from_a_file_that_is_missing_or_makes_no_sense', async () => {
  expect(await readAll()).toEqual([]);
  await write([0]);
  appendFileSync(path(), 'nonsense\n10,1,1,1,1,1,1,1\n');
  expect((await readAll()).map(({ sample }) => sample.step)).toEqual([0]);
});
