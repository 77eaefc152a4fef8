// `node bench/validation/stability-verdicts.ts`: are the limits of the stability task right? Built-in frameworks that are known to be stable at room temperature,
// and the same ones under what they are known not to survive, with UFF4MOF. Prints a table in Markdown.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stabilityResultSchema } from '../../contracts/results/stability.ts';
import type { StabilityResult } from '../../contracts/results/stability.ts';
import type { Structure } from '../../contracts/structure.ts';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { findBonds } from '../../worker/structures/bonds.ts';
import { isMetal } from '../../worker/structures/elements.ts';
import { Deadline } from '../../worker/workflows/deadline.ts';
import { Reporter } from '../../worker/workflows/reporter.ts';
import { runTask } from '../../worker/workflows/run-task.ts';
import { toTaskError } from '../../worker/workflows/task-failure.ts';

const RESOURCES = resolve(import.meta.dirname, '..', '..', 'resources');
const DEADLINE_SECONDS = 120;
const PARAMETERS = {
  ensemble: 'NPT',
  equilibration_steps: 1000,
  total_steps: 5000,
  trajectory_interval: 50,
  model_options: { fallback: 'uff' },
};

interface Trial {
  /** In words. */
  what: string;
  parameters: Record<string, unknown>;
  change: (structure: Structure) => Structure;
}

const asItIs = (structure: Structure): Structure => structure;
const TRIALS: readonly Trial[] = [
  { what: '300 K', parameters: {}, change: asItIs },
  { what: '600 K', parameters: { temperature_k: 600 }, change: asItIs },
  { what: '2000 K', parameters: { temperature_k: 2000, timestep_fs: 0.5 }, change: asItIs },
  { what: '300 K, 5 GPa', parameters: { pressure_GPa: 5, cell_motion: 'full' }, change: asItIs },
  { what: '300 K, half of the linkers', parameters: { cell_motion: 'full' }, change: withoutHalfOfTheLinkers },
  { what: '300 K, without its metal atoms', parameters: { cell_motion: 'full' }, change: withoutMetals },
];

/** Every second group of atoms that the metals hold together and that has carbon in it. */
function withoutHalfOfTheLinkers(structure: Structure): Structure {
  const groups = linkersOf(structure);
  const removed = new Set(groups.filter((_, k) => k % 2 === 1).flat());
  return only(structure, (atom) => !removed.has(atom));
}

/** Nothing but loose molecules: the least stable framework there is. */
function withoutMetals(structure: Structure): Structure {
  const kept = new Set(linkersOf(structure).flat());
  return only(structure, (atom) => kept.has(atom));
}

function linkersOf(structure: Structure): number[][] {
  const { symbols } = structure;
  const group = symbols.map((_, atom) => atom);
  const rootOf = (atom: number): number => (group[atom] === atom ? atom : rootOf(group[atom] ?? atom));
  for (const { i, j } of findBonds(structure)) {
    if (!isMetal(symbols[i] ?? '') && !isMetal(symbols[j] ?? '')) group[rootOf(i)] = rootOf(j);
  }
  const found = new Map<number, number[]>();
  symbols.forEach((symbol, atom) => {
    if (!isMetal(symbol)) found.set(rootOf(atom), [...(found.get(rootOf(atom)) ?? []), atom]);
  });
  return [...found.values()].filter((atoms) => atoms.some((atom) => symbols[atom] === 'C'));
}

function only({ symbols, positions, ...cell }: Structure, isKept: (atom: number) => boolean): Structure {
  const kept = <T>(values: readonly T[]): T[] => values.filter((_, atom) => isKept(atom));
  return { cell: cell.cell, pbc: cell.pbc, symbols: kept(symbols), positions: kept(positions) };
}

async function judge(name: string, { what, parameters, change }: Trial): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'mofsim-verdict-'));
  const kernel = await startKernel({ path: locateKernel() });
  try {
    const structure = change((await readStructure(name, RESOURCES)).structure);
    const { result } = await runTask(
      {
        task_id: 'task_validation',
        task_type: 'stability',
        model: 'uff4mof',
        parameters: { ...PARAMETERS, ...parameters },
        structure,
        structure_name: name,
        device: 'cpu',
        folder,
      },
      {
        kernel,
        signal: new AbortController().signal,
        reporter: new Reporter(() => undefined),
        deadline: new Deadline(DEADLINE_SECONDS),
      },
    );
    return row(name, what, stabilityResultSchema.parse(result));
  } catch (error) {
    return `| ${name} | ${what} | | ${toTaskError(error).type} | | | | | |`;
  } finally {
    await kernel.stop();
    rmSync(folder, { recursive: true });
  }
}

function row(name: string, what: string, result: StabilityResult): string {
  const value = (criterion: string, decimals: number): string => {
    const found = result.criteria.find((one) => one.name === criterion);
    if (found === undefined) return '';
    const text = found.value.toFixed(decimals);
    return found.passed ? text : `**${text}**`;
  };
  return (
    `| ${name} | ${what} | ${result.n_atoms} | ${result.stable ? 'stable' : '**not**'} | ${value('volume_drift_percent', 1)} | ` +
    `${value('rmsd_A', 2)} | ${result.rmsd_framework.largest_A.toFixed(2)} | ${value('coordination_change', 2)} | ${value('broken_bonds', 0)} |`
  );
}

const names = process.argv.slice(2);
const write = (text: string): void => void process.stdout.write(`${text}\n`);
write(
  '| structure | what | atoms | verdict | volume, % | RMSD of nodes, A | of the framework | coordination | broken bonds |',
);
write('| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |');
for (const name of names) for (const trial of TRIALS) write(await judge(name, trial));
