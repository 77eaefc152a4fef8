// `node bench/validation/published-decks.ts FOLDER`: are our terms those of the published LAMMPS/UFF4MOF runs of MOFSimBench? The first energy of their
// relaxations is that of the input structure, and so of types, bonds and coefficients alone. Prints a table in Markdown of those that differ, as ratios;
// FOLDER holds the reference data with an index.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Papa from 'papaparse';
import { z } from 'zod';
import type { Structure } from '../../contracts/structure.ts';
import { evaluateStructures } from '../../worker/kernel-client/evaluate.ts';
import type { Kernel } from '../../worker/kernel-client/kernel.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { parseStructure } from '../../worker/structures/parse-structure.ts';
import { toTaskError } from '../../worker/workflows/task-failure.ts';
import { plainName } from './published-relaxations.ts';

const EV_PER_KCAL_MOL = 0.0433641042418;
/** The coefficients of a deck are written with six decimals. */
const SAME_DECK = 1e-4;
const POTENTIAL = {
  kind: 'uff4mof',
  options: { dialect: 'lammps_interface', fallback: 'uff', cutoff_A: 12.5 },
} as const;

const indexSchema = z.array(
  z.object({ name: z.string(), set: z.string(), file: z.string(), in_benchmark_list: z.boolean(), n_atoms: z.int() }),
);
const rowSchema = z.object({
  MOF_name: z.string(),
  initial_step_energy: z.coerce.number(),
  supercell_factor: z.string(),
});

/** kcal/mol per cell of the file, by plain name. */
function readPublished(path: string): Map<string, number> {
  const { data } = Papa.parse(readFileSync(path, 'utf8').trim(), { header: true });
  return new Map(
    z
      .array(rowSchema)
      .parse(data)
      .map(({ MOF_name, initial_step_energy, supercell_factor }) => {
        const repeats = z.array(z.int()).parse(JSON.parse(supercell_factor));
        return [plainName(MOF_name), initial_step_energy / repeats.reduce((product, n) => product * n, 1)];
      }),
  );
}

/** kcal/mol */
async function energyOf(kernel: Kernel, structure: Structure): Promise<number> {
  const settings = { potential: POTENTIAL, device: 'cpu', precision: 'float64' } as const;
  const { structures } = await evaluateStructures(kernel, [structure], settings, { forces: false, stress: false });
  return (structures[0]?.energy_eV ?? Number.NaN) / EV_PER_KCAL_MOL;
}

/** What a reader finds that takes the listed atoms for all: the first operation of the file only, which is the identity. */
function asListed(cif: string): string {
  let nOperations = 0;
  const listed = cif
    .replace(/^\s*'[^'\n]*,[^'\n]*,[^'\n]*'\s*$\n/gm, (operation) => {
      nOperations += 1;
      return nOperations === 1 ? operation : '';
    })
    .replace(/^_symmetry_(?:space_group_name_H-M|Int_Tables_number|cell_setting).*$\n/gim, '');
  return nOperations > 1 ? listed : cif;
}

async function compare(kernel: Kernel, folder: string): Promise<void> {
  const published = readPublished(join(folder, 'uff4mof_lammps_opt.csv'));
  const entries = indexSchema
    .parse(JSON.parse(readFileSync(join(folder, 'structures', 'index.json'), 'utf8')))
    .filter(
      ({ name, set, in_benchmark_list }) => set === 'main_set' && in_benchmark_list && published.has(plainName(name)),
    )
    .sort((a, b) => a.n_atoms - b.n_atoms);
  const lines: string[] = [];
  let nSame = 0;
  for (const { name, file, n_atoms } of entries) {
    const path = join(folder, 'structures', file);
    const reference = published.get(plainName(name)) ?? Number.NaN;
    const ratioOf = async (text: string): Promise<number> =>
      (await energyOf(kernel, parseStructure(Buffer.from(text), basename(path))[0].structure)) / reference;
    const text = readFileSync(path, 'utf8');
    try {
      const ratio = await ratioOf(text);
      if (Math.abs(ratio - 1) < SAME_DECK) {
        nSame += 1;
        continue;
      }
      const isListed = asListed(text) !== text;
      lines.push(
        `| ${name} | ${n_atoms} | ${ratio.toFixed(5)} | ${isListed ? (await ratioOf(asListed(text))).toFixed(5) : ''} |`,
      );
    } catch (error) {
      lines.push(`| ${name} | ${n_atoms} | ${toTaskError(error).type} | |`);
    }
  }
  process.stdout.write(
    `${nSame} of ${entries.length} have the energy of the published deck within ${SAME_DECK}.\n\n` +
      '| structure | atoms | ours / published | atoms as listed, without symmetry |\n| --- | ---: | ---: | ---: |\n' +
      `${lines.join('\n')}\n`,
  );
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder of the reference data.');
const kernel = await startKernel({ path: locateKernel() });
try {
  await compare(kernel, folder);
} finally {
  await kernel.stop();
}
