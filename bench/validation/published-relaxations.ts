// Reads the published LAMMPS relaxations of MOFSimBench (uff4mof_lammps_opt.csv of https://github.com/AI4ChemS/mofsim-bench). No row of it is
// written anywhere, only ratios.
import { readFile } from 'node:fs/promises';

/** Final over initial volume of the published runs, by plain name. */
export async function readPublishedRatios(path: string): Promise<Map<string, number>> {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trim().split('\n');
  const columns = header.split(',');
  const column = (name: string): number => columns.indexOf(name);
  return new Map(
    lines.map((line) => {
      const cells = line.split(',');
      const number = (name: string): number => Number(cells[column(name)]);
      return [plainName(cells[0] ?? ''), number('final_step_volume') / number('initial_step_volume')];
    }),
  );
}

/** The benchmark's tables spell one structure in several ways. */
export function plainName(name: string): string {
  return name.replace(/^AW_/, '').replace(/_primitive|_P1/g, '');
}
