// `node bench/validation/widom-lammps.ts`: tasks beside the Widom insertions of widom-lammps.py. Writes the table that
// docs/validation/adsorption.md shows to standard output. Some seconds.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { comparedRow, henryOf, runInteractionTask } from './interaction-task.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');

const referenceSchema = z.object({
  settings: z.object({ cutoff_A: z.number(), temperature_k: z.number() }),
  results: z.array(
    z.object({
      framework: z.string(),
      guest: z.string(),
      henry_coefficient_mol_kg_Pa: z.number(),
      henry_coefficient_standard_error_mol_kg_Pa: z.number(),
    }),
  ),
});

const { settings, results } = referenceSchema.parse(
  JSON.parse(readFileSync(join(REPOSITORY, 'bench', 'validation', 'widom-lammps.json'), 'utf8')),
);
const kernel = await startKernel({ path: locateKernel() });
try {
  console.log(
    '| framework, molecule: Henry coefficient, mol/(kg Pa) | task | LAMMPS | apart (combined standard errors) |',
  );
  console.log('| --- | --- | --- | --- |');
  for (const { framework, guest, ...theirs } of results) {
    const { structure } = await readStructure(framework, join(REPOSITORY, 'resources'));
    const result = await runInteractionTask(kernel, framework, structure, {
      adsorbate: guest,
      temperature_k: settings.temperature_k,
      grid_spacing: 1,
      block_pockets: 'never',
      n_insertions: 4_000_000,
      seed: 1,
      model_options: { cutoff_A: settings.cutoff_A },
    });
    const reference = {
      value: theirs.henry_coefficient_mol_kg_Pa,
      standard_error: theirs.henry_coefficient_standard_error_mol_kg_Pa,
    };
    console.log(comparedRow(`${framework}, ${guest}`, henryOf(result), reference));
  }
} finally {
  await kernel.stop();
}
