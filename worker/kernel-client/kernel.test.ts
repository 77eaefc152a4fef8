import { afterEach, describe, expect, it } from 'vitest';
import { startKernel } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import type { KernelRequestBody, KernelRequestOptions } from './kernel-requests.ts';
import { KernelFailure } from './kernel-failure.ts';
import { STAND_IN_KERNEL } from './testing/install-stand-in.ts';

const kernels: Kernel[] = [];

async function start(...behavior: string[]): Promise<Kernel> {
  const kernel = await startKernel({
    path: process.execPath,
    leadingArgs: [STAND_IN_KERNEL, ...behavior],
    cancelGraceMs: 300,
    helloTimeoutMs: behavior.includes('--silent') ? 200 : 15_000,
  });
  kernels.push(kernel);
  return kernel;
}

afterEach(async () => {
  await Promise.all(kernels.splice(0).map((kernel) => kernel.stop()));
});

const RELAX: KernelRequestBody<'relax'> & { type: 'relax' } = {
  type: 'relax',
  potential: { kind: 'uff4mof', options: { dialect: 'paper', cutoff_A: 12.5, fallback: 'none' } },
  device: 'cpu',
  precision: 'float64',
  optimizer: 'LBFGS',
  fmax_eV_A: 0.001,
  max_steps: 100,
  cell_mode: 'fixed',
  pressure_eV_A3: 0,
  frame_interval: 2,
};

const ONE_ATOM: KernelRequestOptions['arrays'] = [
  { name: 'cells', shape: [1, 3, 3], values: new Float64Array([5, 0, 0, 0, 5, 0, 0, 0, 5]) },
  { name: 'positions', shape: [1, 3], values: new Float64Array([1, 2, 3]) },
  { name: 'atomic_numbers', shape: [1], values: new Int32Array([6]) },
  { name: 'n_atoms', shape: [1], values: new Int32Array([1]) },
  { name: 'pbc', shape: [1, 3], values: new Uint8Array([1, 1, 1]) },
];

async function failureOf(promise: Promise<unknown>): Promise<KernelFailure> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof KernelFailure) return outcome;
  throw new Error('expected a KernelFailure', { cause: outcome });
}

describe('kernel client', () => {
  it('a_ping_is_answered_in_the_middle_of_a_relaxation', async () => {
    const kernel = await start('--never-converge', '--step-ms=1');
    const abort = new AbortController();
    const underWay: PromiseWithResolvers<void> = Promise.withResolvers();
    const onMessage = () => {
      underWay.resolve();
    };
    const request = { ...RELAX, max_steps: 100_000 };
    const relaxation = kernel.request(request, { arrays: ONE_ATOM, signal: abort.signal, onMessage });
    await underWay.promise;
    await kernel.ping();
    abort.abort();
    expect((await relaxation).header.structures[0]!.end_state).toBe('cancelled');
  });

  it.skipIf(process.platform === 'win32')(
    'a_kernel_that_stands_still_does_not_answer_and_its_end_is_told',
    async () => {
      const kernel = await start();
      process.kill(kernel.pid, 'SIGSTOP');
      const answer = kernel.ping().then(
        () => 'answered',
        (error: unknown) => (error instanceof KernelFailure ? error.code : 'another error'),
      );
      kernel.kill();
      expect(await answer).toBe('stopped');
      expect((await failureOf(kernel.ping())).code).toBe('stopped');
    },
  );

  it('says_hello_and_lists_devices', async () => {
    const kernel = await start();
    expect(kernel.hello.kernel_version).toBe('0.0.0-stand-in');
    const { header } = await kernel.request({ type: 'devices' });
    expect(header.devices[0]!.device).toBe('cpu');
  });

  it('steps_arrive_in_order_before_the_result', async () => {
    const kernel = await start();
    const steps: number[] = [];
    const framesAt: number[] = [];
    const answer = await kernel.request(RELAX, {
      arrays: ONE_ATOM,
      onMessage: (step, arrays) => {
        steps.push(step.step);
        if (arrays.length > 0) framesAt.push(step.step);
      },
    });
    // 0.08 A halved seven times is 0.000625, the first below 0.001.
    expect(answer.header.structures[0]).toMatchObject({ end_state: 'converged', steps: 7 });
    expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(framesAt).toEqual([0, 2, 4, 6, 7]);
    expect(answer.arrays.find(({ name }) => name === 'positions')!.values[0]).toBeCloseTo(1.08 - 0.000625, 12);
  });

  it('requests_are_matched_by_id', async () => {
    const kernel = await start('--step-ms=5');
    const relaxed = kernel.request(RELAX, { arrays: ONE_ATOM });
    const listed = await kernel.request({ type: 'devices' });
    expect(listed.header.type).toBe('devices_result');
    expect((await relaxed).header.type).toBe('relax_result');
  });

  it('an_abort_ends_a_relaxation_between_two_steps', async () => {
    const kernel = await start('--never-converge', '--step-ms=1');
    const abort = new AbortController();
    const answer = await kernel.request(
      { ...RELAX, max_steps: 100_000 },
      {
        arrays: ONE_ATOM,
        signal: abort.signal,
        onMessage: ({ step }) => {
          if (step === 3) abort.abort();
        },
      },
    );
    expect(answer.header.structures[0]!.end_state).toBe('cancelled');
    expect(kernel.isRunning).toBe(true);
  });

  it('a_kernel_that_ignores_the_cancellation_is_killed', async () => {
    const kernel = await start('--hang-at-step=2');
    const abort = new AbortController();
    const failure = await failureOf(
      kernel.request(RELAX, {
        arrays: ONE_ATOM,
        signal: abort.signal,
        // The cancellation of step 1 can be seen at step 2 at the earliest, and there it hangs.
        onMessage: ({ step }) => {
          if (step === 1) abort.abort();
        },
      }),
    );
    expect(failure.code).toBe('cancelled');
    expect(kernel.isRunning).toBe(false);
  });

  it('a_missed_deadline_is_a_timeout_and_kills_a_hanging_kernel', async () => {
    const kernel = await start('--hang-at-step=0');
    const failure = await failureOf(kernel.request(RELAX, { arrays: ONE_ATOM, timeoutMs: 100 }));
    expect(failure.code).toBe('timeout');
    expect(kernel.isRunning).toBe(false);
  });

  it('a_missed_deadline_leaves_a_kernel_that_obeys_alive', async () => {
    const kernel = await start('--never-converge', '--step-ms=2');
    const slow = { ...RELAX, max_steps: 100_000 };
    expect((await failureOf(kernel.request(slow, { arrays: ONE_ATOM, timeoutMs: 100 }))).code).toBe('timeout');
    expect((await kernel.request({ type: 'devices' })).header.devices).toHaveLength(1);
  });

  it('a_crash_names_the_signal_and_the_last_words', async () => {
    const kernel = await start('--crash-at-step=1');
    const failure = await failureOf(kernel.request(RELAX, { arrays: ONE_ATOM }));
    expect(failure).toMatchObject({ code: 'crashed', details: { signal: 'SIGSEGV', device: 'cpu' } });
    expect(failure.message).toMatch(/told to crash.*relax on cpu/);
    expect((await failureOf(kernel.request({ type: 'devices' }))).code).toBe('crashed');
  });

  it('a_crash_while_a_large_request_is_being_written_is_a_crash', async () => {
    const kernel = await start('--crash-on-request');
    const positions = { name: 'positions', shape: [2_000_000, 3], values: new Float64Array(6_000_000) };
    const failure = await failureOf(kernel.request(RELAX, { arrays: [positions] }));
    expect(failure.code).toBe('crashed');
  });

  it('garbage_on_stdout_breaks_the_protocol_and_ends_the_kernel', async () => {
    const kernel = await start('--garbage-at-step=1');
    const failure = await failureOf(kernel.request(RELAX, { arrays: ONE_ATOM }));
    expect(failure.code).toBe('protocol');
    expect(failure.message).toContain('this is not a frame');
    expect(kernel.isRunning).toBe(false);
  });

  it('an_error_of_the_kernel_keeps_code_message_and_details', async () => {
    const kernel = await start('--error=atom_typing');
    const failure = await failureOf(kernel.request(RELAX, { arrays: ONE_ATOM }));
    expect(failure).toMatchObject({ code: 'atom_typing', details: { i_atom: 3 } });
    expect(kernel.isRunning).toBe(true);
  });

  it('a_step_receiver_that_fails_ends_its_request_with_its_own_error', async () => {
    const kernel = await start('--never-converge', '--step-ms=1');
    const full = new Error('disk full');
    const request = kernel.request(
      { ...RELAX, max_steps: 100_000 },
      { arrays: ONE_ATOM, onMessage: () => Promise.reject(full) },
    );
    await expect(request).rejects.toBe(full);
    expect((await kernel.request({ type: 'devices' })).header.devices).toHaveLength(1);
  });

  it.each([
    ['a missing program', { path: '/nonexistent/mofkernel' }, /could not be started/],
    ['a program that exits at once', { behavior: ['--exit-at-start'] }, /exit code 127.*libcudart/],
    ['a program that stays silent', { behavior: ['--silent'] }, /no hello within 200 ms/],
    ['another protocol', { behavior: ['--protocol-version=1'] }, /speaks protocol 1.*build:kernel/],
  ])('does_not_start: %s', async (_name, { path, behavior }: { path?: string; behavior?: string[] }, message) => {
    const failure = await failureOf(path === undefined ? start(...(behavior ?? [])) : startKernel({ path }));
    expect(failure.code).toBe('start_failed');
    expect(failure.message).toMatch(message);
  });

  it('stop_ends_open_requests_and_is_safe_twice', async () => {
    const kernel = await start('--never-converge', '--step-ms=1');
    const open = failureOf(kernel.request({ ...RELAX, max_steps: 100_000 }, { arrays: ONE_ATOM }));
    await Promise.all([kernel.stop(), kernel.stop()]);
    expect((await open).code).toBe('stopped');
    expect((await failureOf(kernel.request({ type: 'devices' }))).code).toBe('stopped');
  });
});
