// --details FILE: what a state dict does not say of its model.
import { readFile } from 'node:fs/promises';
import { stateDictDetailsSchema } from '../../contracts/mace-model.ts';
import type { StateDictDetails } from '../../contracts/mace-model.ts';
import { checked } from './checked.ts';
import { badInput } from './cli-error.ts';

/** @throws CliError naming what is wrong with it */
export async function readDetails(file: string | undefined): Promise<StateDictDetails | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw badInput(`${file} cannot be read.`, { cause });
  });
  return checked(stateDictDetailsSchema, parseJson(file, text), `details in ${file}`);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badInput(`${file} is not valid JSON.`, { cause });
  }
}
