// Reference configurations that come as the frames of the task's own file: after the framework, each one is a framework with its guest.
import { z } from 'zod';
import { MAX_CONFIGURATIONS, referenceConfigurationSchema } from '../../../contracts/results/interaction-energy.ts';
import type { InteractionEnergyParameters } from '../../../contracts/results/interaction-energy.ts';
import { readGivenFile } from '../../structures/given-file.ts';
import { parseUntrusted } from '../../structures/parse-in-worker.ts';
import type { ParsedStructure } from '../../structures/parsed-structure.ts';
import { TaskFailure } from '../task-failure.ts';
import { atFault, checked, parseConfigurations } from './comparison.ts';
import type { ParsedConfiguration } from './comparison.ts';

const saidSchema = referenceConfigurationSchema.pick({
  n_guest_atoms: true,
  interaction_energy_eV: true,
  forces_eV_A: true,
  class: true,
});

/** @throws TaskFailure StructureError | ModelError naming the configuration that is at fault, StructureError for the file */
export async function readConfigurations(
  { reference, reference_frames }: Pick<InteractionEnergyParameters, 'reference' | 'reference_frames'>,
  folder: string,
): Promise<ParsedConfiguration[]> {
  if (!reference_frames) return parseConfigurations(reference ?? []);
  const given = await readGivenFile(folder);
  const frames = given === null ? [] : (await parseUntrusted(given.bytes, given.filename)).structures.slice(1);
  if (frames.length === 0 || frames.length > MAX_CONFIGURATIONS) {
    const message =
      `reference_frames needs an uploaded extended XYZ file with 1 to ${MAX_CONFIGURATIONS} configurations after the framework; ` +
      `this task has ${frames.length}.`;
    throw new TaskFailure('ModelError', message, { parameter: 'reference_frames', n_configurations: frames.length });
  }
  return frames.map(configurationOf);
}

function configurationOf({ name: place, structure, reference }: ParsedStructure): ParsedConfiguration {
  const name = reference?.name ?? place;
  if (reference === undefined) throw atFault(name, 'has no interaction_energy_eV in its second line');
  const { n_guest_atoms, interaction_energy_eV, class: itsClass, forces_eV_A } = reference;
  const said = saidSchema.safeParse({
    n_guest_atoms,
    interaction_energy_eV,
    class: itsClass ?? undefined,
    forces_eV_A: forces_eV_A ?? undefined,
  });
  if (!said.success) throw atFault(name, `cannot be used: ${z.prettifyError(said.error).replaceAll('\n', ' ')}`);
  return checked({ name, structure, n_guest_atoms: said.data.n_guest_atoms, reference: said.data });
}
