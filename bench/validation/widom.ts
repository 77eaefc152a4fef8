// `node bench/validation/widom.ts`: whole interaction-energy tasks beside the Widom insertions of widom-numpy.py. Writes the table that
// docs/validation/adsorption.md shows to standard output. About a minute on two cores.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { InteractionEnergyResult } from '../../contracts/results/interaction-energy.ts';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { runInteractionTask } from './interaction-task.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');
const SETTINGS = { block_pockets: 'never', grid_spacing: 0.25, num_orientations: 32, n_insertions: 2_000_000, seed: 1 };

const referenceSchema = z.object({
  settings: z.object({ cutoff_A: z.number(), temperature_k: z.number() }),
  results: z.array(
    z.object({
      framework: z.string(),
      guest: z.string(),
      charges_e: z.record(z.string(), z.number()).nullable(),
      n_insertions: z.int(),
      henry_coefficient_mol_kg_Pa: z.number(),
      henry_coefficient_standard_error_mol_kg_Pa: z.number(),
      isosteric_heat_kJ_mol: z.number(),
      isosteric_heat_standard_error_kJ_mol: z.number(),
    }),
  ),
});
type Reference = z.infer<typeof referenceSchema>;
type Case = Reference['results'][number];

const reference = referenceSchema.parse(
  JSON.parse(readFileSync(join(REPOSITORY, 'bench', 'validation', 'widom-numpy.json'), 'utf8')),
);
const kernel = await startKernel({ path: locateKernel() });
try {
  console.log(
    '| framework, molecule | what | task, random | task, grid 0.25 A | numpy | apart (combined standard errors) |',
  );
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const one of reference.results) for (const row of rowsOf(one, await compute(kernel, one))) console.log(row);
} finally {
  await kernel.stop();
}

async function compute(running: Kernel, { framework, guest, charges_e }: Case): Promise<InteractionEnergyResult> {
  const { structure: bare } = await readStructure(framework, join(REPOSITORY, 'resources'));
  const structure =
    charges_e === null ? bare : { ...bare, charges: bare.symbols.map((symbol) => charges_e[symbol] ?? Number.NaN) };
  return runInteractionTask(running, framework, structure, {
    ...SETTINGS,
    adsorbate: guest,
    temperature_k: reference.settings.temperature_k,
    model_options: { cutoff_A: reference.settings.cutoff_A, charges: charges_e === null ? 'none' : 'cif' },
  });
}

function rowsOf(one: Case, result: InteractionEnergyResult): string[] {
  const name = `${one.framework}, ${one.guest}${one.charges_e === null ? '' : ' with charges'}`;
  const henry = pair(
    result.henry_coefficient_mol_kg_Pa,
    result.henry_coefficient_standard_error_mol_kg_Pa ?? Number.NaN,
    one.henry_coefficient_mol_kg_Pa,
    one.henry_coefficient_standard_error_mol_kg_Pa,
  );
  const heat = pair(
    result.isosteric_heat_kJ_mol ?? Number.NaN,
    result.isosteric_heat_standard_error_kJ_mol ?? Number.NaN,
    one.isosteric_heat_kJ_mol,
    one.isosteric_heat_standard_error_kJ_mol,
  );
  const onGrid = result.henry_coefficient_grid_mol_kg_Pa.toPrecision(5);
  return [
    `| ${name} | Henry coefficient, mol/(kg Pa) | ${henry.ours} | ${onGrid} | ${henry.theirs} | ${henry.apart} |`,
    `| ${name} | isosteric heat, kJ/mol | ${heat.ours} | | ${heat.theirs} | ${heat.apart} |`,
  ];
}

function pair(ours: number, oursError: number, theirs: number, theirsError: number) {
  return {
    ours: `${ours.toPrecision(5)} ± ${oursError.toPrecision(2)}`,
    theirs: `${theirs.toPrecision(5)} ± ${theirsError.toPrecision(2)}`,
    apart: ((ours - theirs) / Math.hypot(oursError, theirsError)).toFixed(1),
  };
}
