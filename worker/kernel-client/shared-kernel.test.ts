// Several tasks on one kernel: the stand-in, and mofkernel where it has been built.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { RelaxStep } from '../../contracts/kernel-message.ts';
import type { Structure } from '../../contracts/structure.ts';
import { parseStructure } from '../structures/parse-structure.ts';
import { evaluateStructure } from './evaluate.ts';
import type { Evaluation } from './evaluate.ts';
import type { KernelRequests, KernelRequestType } from './kernel-requests.ts';
import { startKernel } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import { locateKernel } from './locate-kernel.ts';
import { relaxStructure } from './relax.ts';
import type { Relaxation, RelaxSettings } from './relax.ts';
import { SharedKernel } from './shared-kernel.ts';
import { STAND_IN_KERNEL } from './testing/install-stand-in.ts';

const COMPUTE = {
  potential: { kind: 'uff4mof', options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' } },
  device: 'cpu',
  precision: 'float64',
} as const;
const RELAX: RelaxSettings = {
  optimizer: 'LBFGS',
  fmax_eV_A: 0.001,
  max_steps: 100,
  cell_mode: 'fixed',
  pressure_eV_A3: 0,
  frame_interval: 2,
};
const WANTS = { forces: true, stress: true };

let running: Kernel | null = null;
afterEach(async () => {
  await running?.stop();
  running = null;
});

/** Counts what reaches the kernel. */
class CountedKernel implements KernelRequests {
  readonly #kernel: Kernel;
  readonly asked: { type: KernelRequestType; n_structures: number }[] = [];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }
  get hello() {
    return this.#kernel.hello;
  }
  request: KernelRequests['request'] = (body, options = {}) => {
    const counts = options.arrays?.find(({ name }) => name === 'n_atoms')?.values;
    this.asked.push({ type: body.type, n_structures: counts?.length ?? 0 });
    return this.#kernel.request(body, options);
  };
}

async function start(...behavior: string[]): Promise<CountedKernel> {
  running = await startKernel({ path: process.execPath, leadingArgs: [STAND_IN_KERNEL, ...behavior] });
  return new CountedKernel(running);
}

function chain(n_atoms: number, x = 0): Structure {
  return {
    cell: [
      [5 * n_atoms, 0, 0],
      [0, 5, 0],
      [0, 0, 5],
    ],
    pbc: [true, true, true],
    symbols: Array.from({ length: n_atoms }, () => 'C'),
    positions: Array.from({ length: n_atoms }, (_, i) => [5 * i + x, 1, 2]),
  };
}

interface Run {
  relaxation: Relaxation;
  steps: RelaxStep[];
}

/** What a task does with its part of a kernel. */
async function relax(kernel: KernelRequests, structure: Structure, signal?: AbortSignal): Promise<Run> {
  const steps: RelaxStep[] = [];
  const onStep = (step: RelaxStep): void => {
    const { id, ...rest } = step;
    expect(id).not.toBe('');
    steps.push({ ...rest, id: '' });
  };
  const options = signal === undefined ? {} : { signal };
  return {
    relaxation: await relaxStructure(kernel, structure, { ...COMPUTE, ...RELAX }, onStep, options),
    steps,
  };
}

function evaluate(kernel: KernelRequests, structure: Structure): Promise<Evaluation> {
  return evaluateStructure(kernel, structure, COMPUTE, WANTS);
}

async function together<Result>(
  shared: SharedKernel,
  members: readonly (() => Promise<Result>)[],
): Promise<PromiseSettledResult<Result>[]> {
  return Promise.allSettled(members.map((member) => member().finally(() => shared.leave())));
}

function withoutTime<T extends { kernel_seconds: number }>({ kernel_seconds, ...rest }: T) {
  expect(kernel_seconds).toBeGreaterThan(0);
  return rest;
}

function valuesOf<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

describe('a shared kernel', () => {
  test('relaxations_asked_alike_are_one_request_and_each_gets_what_it_would_get_alone', async () => {
    const kernel = await start();
    const structures = [chain(1), chain(3, 0.5), chain(2)];
    const alone: Run[] = [];
    for (const structure of structures) alone.push(await relax(kernel, structure));
    kernel.asked.splice(0);

    const shared = new SharedKernel(kernel, { n_members: 3, isMerging: true });
    const runs = valuesOf(
      await together(
        shared,
        structures.map((structure) => () => relax(shared, structure)),
      ),
    );
    expect(kernel.asked).toEqual([{ type: 'relax', n_structures: 3 }]);
    runs.forEach(({ relaxation, steps }, i) => {
      expect(withoutTime(relaxation)).toEqual(withoutTime(alone[i]!.relaxation));
      expect(steps).toEqual(alone[i]!.steps);
      expect(relaxation.warnings).toEqual(['the toy system warns']);
    });
    // By atoms.
    const seconds = runs.map(({ relaxation }) => relaxation.kernel_seconds);
    expect(seconds[1]! / seconds[0]!).toBeCloseTo(3, 9);
  });

  test('evaluations_are_merged_by_what_is_asked_and_wait_for_who_may_still_ask', async () => {
    const kernel = await start();
    const molecule: Structure = { cell: null, pbc: [false, false, false], symbols: ['H'], positions: [[0, 0, 0]] };
    const shared = new SharedKernel(kernel, { n_members: 4, isMerging: true });
    const slow: PromiseWithResolvers<void> = Promise.withResolvers();
    const results = together<unknown>(shared, [
      () => evaluate(shared, chain(1)),
      () => evaluate(shared, chain(2)),
      () => evaluate(shared, molecule),
      () => slow.promise,
    ]);
    // Whatever is asked alone does not wait.
    await relaxStructure(shared, chain(1), { ...COMPUTE, ...RELAX, deadline_seconds: 10 }, () => undefined);
    expect(kernel.asked).toEqual([{ type: 'relax', n_structures: 1 }]);
    slow.resolve();
    valuesOf(await results);
    // Without a cell there is no stress to ask for.
    expect(kernel.asked.slice(1)).toEqual([
      { type: 'evaluate', n_structures: 2 },
      { type: 'evaluate', n_structures: 1 },
    ]);
  });

  test('where_merging_does_not_pay_every_request_goes_as_it_is_and_one_after_another', async () => {
    const kernel = await start();
    const shared = new SharedKernel(kernel, { n_members: 2, isMerging: false });
    const runs = valuesOf(
      await together(
        shared,
        [chain(1), chain(2)].map((s) => () => relax(shared, s)),
      ),
    );
    expect(kernel.asked).toEqual([
      { type: 'relax', n_structures: 1 },
      { type: 'relax', n_structures: 1 },
    ]);
    expect(runs.map(({ relaxation }) => relaxation.end_state)).toEqual(['converged', 'converged']);
  });

  test('a_structure_that_is_refused_fails_alone', async () => {
    const kernel = await start('--untyped-atoms=2');
    const shared = new SharedKernel(kernel, { n_members: 3, isMerging: true });
    const [first, refused, last] = await together(
      shared,
      [chain(1), chain(2), chain(3)].map((structure) => () => relax(shared, structure)),
    );
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'atom_typing' } });
    for (const run of [first, last]) expect(run).toMatchObject({ value: { relaxation: { end_state: 'converged' } } });
  });

  test('a_batch_that_fails_on_the_way_tells_those_who_have_heard_steps_to_begin_anew', async () => {
    const kernel = await start('--exhaust-batch-at-step=2');
    const shared = new SharedKernel(kernel, { n_members: 2, isMerging: true });
    const results = await together(
      shared,
      [chain(1), chain(2)].map((s) => () => relax(shared, s)),
    );
    for (const result of results) expect(result).toMatchObject({ reason: { name: 'LostToOthers' } });
  });

  test('a_kernel_that_dies_fails_all_of_them', async () => {
    const kernel = await start('--crash-at-step=2');
    const shared = new SharedKernel(kernel, { n_members: 2, isMerging: true });
    const results = await together(
      shared,
      [chain(1), chain(2)].map((s) => () => relax(shared, s)),
    );
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'crashed' } });
  });

  test.each([true, false])(
    'a_member_that_is_cancelled_ends_at_once_and_the_others_go_on (merging %s)',
    async (isMerging) => {
      const kernel = await start('--step-ms=20');
      const shared = new SharedKernel(kernel, { n_members: 2, isMerging });
      const abort = new AbortController();
      const ended: string[] = [];
      const [stays, leaves] = await together(shared, [
        async () => {
          const run = await relax(shared, chain(1));
          ended.push('the one that stays');
          return run;
        },
        async () => {
          setTimeout(() => {
            abort.abort();
          }, 30);
          try {
            return await relax(shared, chain(2), abort.signal);
          } finally {
            ended.push('the one that leaves');
          }
        },
      ]);
      expect(ended).toEqual(['the one that leaves', 'the one that stays']);
      expect(leaves).toMatchObject({ reason: { code: 'cancelled' } });
      expect(stays).toMatchObject({ value: { relaxation: { end_state: 'converged' } } });
    },
  );

  test('when_all_are_cancelled_the_kernel_stops_and_is_at_rest_before_the_last_one_has_left', async () => {
    const kernel = await start('--step-ms=5', '--never-converge');
    const shared = new SharedKernel(kernel, { n_members: 2, isMerging: true });
    const abort = new AbortController();
    const begun: PromiseWithResolvers<void> = Promise.withResolvers();
    const settings = { ...COMPUTE, ...RELAX, max_steps: 1_000_000 };
    const all = together(
      shared,
      [chain(1), chain(2)].map((structure) => () => {
        const onStep = (): void => {
          begun.resolve();
        };
        return relaxStructure(shared, structure, settings, onStep, { signal: abort.signal });
      }),
    );
    await begun.promise;
    abort.abort();
    for (const result of await all) expect(result).toMatchObject({ reason: { code: 'cancelled' } });
    expect(running?.isRunning).toBe(true);
    expect((await evaluate(kernel, chain(1))).energy_eV).toBeGreaterThan(0);
  });

  test('a_member_that_cannot_write_its_steps_fails_alone', async () => {
    const kernel = await start();
    const shared = new SharedKernel(kernel, { n_members: 2, isMerging: true });
    const full = (): Promise<void> => Promise.reject(new Error('ENOSPC'));
    const [first, second] = await together<unknown>(shared, [
      () => relaxStructure(shared, chain(1), { ...COMPUTE, ...RELAX }, full),
      () => relax(shared, chain(2)),
    ]);
    expect(first).toMatchObject({ reason: { message: 'ENOSPC' } });
    expect(second).toMatchObject({ status: 'fulfilled' });
  });
});

describe('a group on mofkernel', () => {
  const builtin = (name: string): Structure => {
    const file = resolve(import.meta.dirname, '..', '..', 'resources', 'structures', `${name}.cif`);
    return parseStructure(readFileSync(file), file)[0].structure;
  };

  /** Energies in eV, forces in eV/A. Orders of sums differ, and with float64 that is all that differs. */
  test('merged_evaluations_differ_from_those_alone_by_rounding_only', async ({ skip }) => {
    const path = pathOfKernel();
    if (path === null) return skip('mofkernel has not been built.');
    running = await startKernel({ path });
    const structures = ['MOF-5_primitive', 'ZIF-8_primitive', 'HKUST-1_primitive'].map(builtin);
    const kernel = new CountedKernel(running);
    const shared = new SharedKernel(kernel, { n_members: structures.length, isMerging: true });
    const merged = valuesOf(
      await together(
        shared,
        structures.map((s) => () => evaluate(shared, s)),
      ),
    );
    expect(kernel.asked).toEqual([{ type: 'evaluate', n_structures: 3 }]);
    for (const [i, structure] of structures.entries()) {
      const alone = await evaluate(running, structure);
      expect(Math.abs(merged[i]!.energy_eV - alone.energy_eV)).toBeLessThan(1e-10);
      alone.forces_eV_A!.forEach((force, atom) => {
        force.forEach((component, axis) => {
          expect(Math.abs(merged[i]!.forces_eV_A![atom]![axis]! - component)).toBeLessThan(1e-10);
        });
      });
      expect(merged[i]!.warnings).toEqual(alone.warnings);
    }
  });
});

function pathOfKernel(): string | null {
  try {
    return locateKernel();
  } catch {
    return null;
  }
}
