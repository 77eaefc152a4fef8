// `mofsim evaluate`: energy, forces and stress of one structure, straight from the kernel.
import { z } from 'zod';
import { deviceNameSchema, precisionSchema } from '../../contracts/kernel-message.ts';
import { evaluateStructure } from '../kernel-client/evaluate.ts';
import { computeParametersSchema } from '../workflows/compute-parameters.ts';
import { largestForce } from '../workflows/forces.ts';
import { assertOptionsFit, potentialOf } from '../workflows/models.ts';
import { checked } from './checked.ts';
import { RESOURCES_FOLDER } from './paths.ts';
import { printJson, printTable, printWarnings } from './print.ts';
import { readStructure } from './read-structure.ts';
import { resolveModel } from './resolve-model.ts';
import { readDetails } from './state-dict-file.ts';
import { collectParameters } from './task-parameters.ts';
import { chooseDevice, withKernel } from './with-kernel.ts';

const optionsSchema = z.object({
  model: z.string(),
  param: z.array(z.string()).default([]),
  precision: precisionSchema.default('float64'),
  device: deviceNameSchema.optional(),
  withD3: z.literal(true).optional(),
  details: z.string().min(1).optional(),
  json: z.literal(true).optional(),
});

/** An evaluation has no parameters of its own: precision is an option of the command. */
const NO_PARAMETERS = computeParametersSchema.pick({ model_options: true });

export async function evaluate(file: string, rawOptions: unknown): Promise<void> {
  const options = checked(optionsSchema, rawOptions, 'option');
  const { model_options } = checked(NO_PARAMETERS, collectParameters(options.param, NO_PARAMETERS), 'parameter');
  const { structure, name, warnings } = await readStructure(file, RESOURCES_FOLDER);
  const named = await resolveModel(options.model, {
    with_d3: options.withD3,
    details: await readDetails(options.details),
  });
  const evaluation = await withKernel(async (kernel, signal) => {
    assertOptionsFit(named, model_options, false);
    const potential = potentialOf(named, model_options);
    const device = await chooseDevice(kernel, options.device);
    const settings = { potential, device, precision: options.precision };
    return evaluateStructure(kernel, structure, settings, { forces: true, stress: true }, { signal });
  });
  const { energy_eV, forces_eV_A, stress_eV_A3, energy_components_eV } = evaluation;
  const allWarnings = [...warnings, ...evaluation.warnings];
  if (options.json === true) {
    printJson({
      n_atoms: structure.symbols.length,
      energy_eV,
      energy_components_eV,
      forces_eV_A,
      stress_eV_A3,
      warnings: allWarnings,
      kernel_seconds: evaluation.kernel_seconds,
    });
    return;
  }
  printWarnings(allWarnings);
  printTable([
    ['structure', `${name}, ${structure.symbols.length} atoms`],
    ['energy', `${energy_eV.toFixed(8)} eV`],
    ...Object.entries(energy_components_eV).map(([component, energy]) => [`  ${component}`, `${energy.toFixed(8)} eV`]),
    ['largest force', `${largestForce(forces_eV_A ?? []).toFixed(8)} eV/A`],
    ...(stress_eV_A3 ?? []).map((row, i) => [
      i === 0 ? 'stress (eV/A^3)' : '',
      row.map((component) => component.toFixed(8).padStart(12)).join(' '),
    ]),
  ]);
}
