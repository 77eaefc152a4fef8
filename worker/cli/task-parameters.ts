// `--param name=value` -> parameters of a task and options of its model, checked by their schemas. Pure.
import type { z } from 'zod';
import { modelOptionsSchema } from '../../contracts/results/optimization.ts';
import { badInput } from './cli-error.ts';

const MODEL_OPTIONS = 'model_options';

/**
 * @param settings  texts such as `fmax=0.01`; values are JSON where they can be (numbers, true, false), else text
 * @param task      the parameters of the task type; its `model_options` are reached by their own names
 * @returns what the API would take as `parameters`, not yet validated
 * @throws CliError bad input: no `=`, given twice, or a name that neither the task nor the model knows
 */
export function collectParameters(settings: readonly string[], task: z.ZodObject): Record<string, unknown> {
  const taskNames = Object.keys(task.shape).filter((name) => name !== MODEL_OPTIONS);
  const modelNames = Object.keys(modelOptionsSchema.shape);
  const parameters = new Map<string, unknown>();
  const modelOptions = new Map<string, unknown>();
  for (const setting of settings) {
    const [name, value] = split(setting);
    const target = taskNames.includes(name) ? parameters : modelNames.includes(name) ? modelOptions : null;
    if (target === null) throw unknownName(name, taskNames, modelNames);
    if (target.has(name)) throw badInput(`--param ${name} was given twice.`);
    target.set(name, parseValue(value));
  }
  return { ...Object.fromEntries(parameters), [MODEL_OPTIONS]: Object.fromEntries(modelOptions) };
}

function split(setting: string): [string, string] {
  const equals = setting.indexOf('=');
  if (equals < 1) throw badInput(`--param takes name=value, not "${setting}".`);
  return [setting.slice(0, equals), setting.slice(equals + 1)];
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function unknownName(name: string, taskNames: readonly string[], modelNames: readonly string[]): Error {
  const known = [
    ...(taskNames.length === 0 ? [] : [`parameters of the task: ${taskNames.join(', ')}`]),
    `options of the model: ${modelNames.join(', ')}`,
  ];
  return badInput(`There is no parameter "${name}". Known are the ${known.join('; and the ')}.`);
}
