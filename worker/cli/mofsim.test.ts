// The command line as a user meets it: processes, exit codes, stdout for programs. The kernel is the stand-in.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { installStandIn } from '../kernel-client/testing/install-stand-in.ts';
import { runMofsim, startMofsim } from './testing/run-mofsim.ts';

const XYZ = '2\nLattice="5 0 0 0 6 0 0 0 7" Properties=species:S:1:pos:R:3\nZn 0 0 0\nO 2 2 2\n';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-cli-'));
  file = join(folder, 'toy.xyz');
  writeFileSync(file, XYZ);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function environment(...behavior: string[]): Record<string, string> {
  return { MOFSIM_KERNEL: installStandIn(folder, behavior), MOFSIM_HOME: join(folder, 'home'), TMPDIR: folder };
}

function lastLineOf(text: string): unknown {
  return JSON.parse(text.trim().split('\n').at(-1) ?? '');
}

describe('mofsim', () => {
  it('help_and_version_are_no_failures', async () => {
    const version = await runMofsim(['--version'], {});
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(version.code).toBe(0);
    const help = await runMofsim(['--help'], {});
    expect(help.stdout).toContain('evaluate');
    expect(help.code).toBe(0);
  });

  it('devices_prints_json', async () => {
    const { code, stdout } = await runMofsim(['devices', '--json'], environment());
    expect(code).toBe(0);
    expect(lastLineOf(stdout)).toMatchObject({ devices: [{ device: 'cpu' }] });
  });

  it('evaluate_prints_full_digits_and_nothing_else', async () => {
    const { code, stdout } = await runMofsim(['evaluate', file, '--model', 'uff4mof', '--json'], environment());
    expect(code).toBe(0);
    // Two springs of 1 eV/A^2 stretched by 0.08 A.
    expect(JSON.parse(stdout)).toMatchObject({
      n_atoms: 2,
      energy_eV: 0.5 * 2 * 0.08 ** 2,
      energy_components_eV: { harmonic: 0.0064 },
      forces_eV_A: [
        [0.08, 0, 0],
        [0.08, 0, 0],
      ],
      stress_eV_A3: [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    });
  });

  it('a_molecule_has_no_stress', async () => {
    writeFileSync(file, '1\n\nHe 0 0 0\n');
    const { stdout } = await runMofsim(['evaluate', file, '--model', 'uff4mof', '--json'], environment());
    expect(JSON.parse(stdout)).toMatchObject({ n_atoms: 1, stress_eV_A3: null });
  });

  it('run_writes_complete_results_into_a_new_folder', async () => {
    const out = join(folder, 'out');
    const args = ['run', 'optimization', file, '--model', 'uff4mof', '--param', 'fmax=0.01', '--out', out, '--json'];
    const { code, stdout } = await runMofsim(args, environment());
    expect(code).toBe(0);
    expect(lastLineOf(stdout)).toMatchObject({ folder: out, result: { converged: true, steps: 3 } });
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['optimized.cif', 'report.html', 'trajectory.xyz']));

    const again = await runMofsim(args, environment());
    expect(again.stderr).toContain('not empty');
    expect(again.code).toBe(2);
  });

  it.each([
    ['an unknown command', ['relax'], /unknown command/],
    ['no model', ['evaluate', 'FILE'], /--model/],
    ['an unknown model', ['evaluate', 'FILE', '--model', 'mace'], /no model "mace".*uff4mof/],
    ['an unknown parameter', ['evaluate', 'FILE', '--model', 'uff4mof', '--param', 'x=1'], /no parameter "x".*dialect/],
    ['a bad value', ['evaluate', 'FILE', '--model', 'uff4mof', '--param', 'cutoff_A=long'], /cutoff_A/],
    ['a bad precision', ['evaluate', 'FILE', '--model', 'uff4mof', '--precision', 'float16'], /precision/],
    ['a missing file', ['evaluate', 'none.cif', '--model', 'uff4mof'], /neither a file nor a built-in/],
    ['an unknown task', ['run', 'melting', 'FILE', '--model', 'uff4mof'], /known are optimization/],
    [
      'an unknown optimizer',
      ['run', 'optimization', 'FILE', '--model', 'uff4mof', '--param', 'optimizer=SteepestDescent'],
      /optimizer.*BFGS/,
    ],
    ['a bad port', ['serve', '--port', 'eighty'], /port/],
  ])('bad_input_is_exit_code_2: %s', async (_name, args, message) => {
    const placed = args.map((arg) => (arg === 'FILE' ? file : arg));
    const out = args[0] === 'run' ? ['--out', join(folder, 'out')] : [];
    const { code, stdout, stderr } = await runMofsim([...placed, ...out], environment());
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it.each([
    ['empty.cif', ''],
    ['binary.cif', '\0\x01\x02\xff'],
    ['broken.xyz', '3\n\nC 0 0 0\n'],
  ])('an_unreadable_file_is_exit_code_2: %s', async (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content, 'latin1');
    const { code, stderr } = await runMofsim(['evaluate', path, '--model', 'uff4mof'], environment());
    expect(stderr).toContain(`${name} cannot be used`);
    expect(code).toBe(2);
  });

  it('an_untypable_atom_is_bad_input_and_a_crash_is_a_failure', async () => {
    const args = ['evaluate', file, '--model', 'uff4mof'];
    expect((await runMofsim(args, environment('--error=atom_typing'))).code).toBe(2);
    const crash = await runMofsim(
      ['run', 'optimization', file, '--model', 'uff4mof', '--out', join(folder, 'out')],
      environment('--crash-at-step=1'),
    );
    expect(crash.stderr).toContain('SIGSEGV');
    expect(crash.code).toBe(1);
  });

  it('a_missing_kernel_says_how_to_build_it', async () => {
    const { code, stderr } = await runMofsim(['devices'], { MOFSIM_KERNEL: join(folder, 'none') });
    expect(stderr).toContain('does not exist');
    expect(code).toBe(1);
  });

  it('an_interrupted_run_stops_the_kernel_and_keeps_what_is_there', async () => {
    const out = join(folder, 'out');
    const mofsim = startMofsim(
      ['run', 'optimization', file, '--model', 'uff4mof', '--param', 'max_steps=100000', '--out', out],
      environment('--never-converge', '--step-ms=1'),
    );
    await mofsim.until('step 0');
    mofsim.interrupt();
    expect(await mofsim.finished).toMatchObject({ code: 130 });
    expect(existsSync(join(out, 'trajectory.xyz'))).toBe(true);
    expect(existsSync(join(out, 'result.json'))).toBe(false);
  });

  it('serve_prints_its_address_with_the_key_and_stops_cleanly', async () => {
    const mofsim = startMofsim(['serve', '--port', '0'], environment());
    const text = await mofsim.until('The API key lies in');
    const { url, key } = z
      .object({ url: z.url(), key: z.string() })
      .parse(/(?<url>http:\/\/127\.0\.0\.1:\d+)\/#key=(?<key>\S+)/.exec(text)?.groups);
    const keyFile = join(folder, 'home', 'api-key');
    expect(readFileSync(keyFile, 'utf8').trim()).toBe(decodeURIComponent(key));
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const models = await fetch(`${url}/api/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    expect(models.status).toBe(200);
    mofsim.interrupt();
    expect((await mofsim.finished).code).toBe(0);
  });

  it('MOFSIM_API_KEY_presets_the_key', async () => {
    const mofsim = startMofsim(['serve', '--port', '0'], { ...environment(), MOFSIM_API_KEY: 'preset-key' });
    const text = await mofsim.until('The API key is MOFSIM_API_KEY');
    expect(text).toContain('#key=preset-key');
    mofsim.interrupt();
    await mofsim.finished;
    expect(existsSync(join(folder, 'home', 'api-key'))).toBe(false);
  });

  it('the_demo_ends_with_files_and_one_line_of_json', async () => {
    const { code, stdout, stderr } = await runMofsim(['demo'], environment());
    expect(stderr).toBe('warning: the toy system warns\n');
    expect(code).toBe(0);
    const figures = z
      .object({ converged: z.literal(true), steps: z.literal(7), files: z.record(z.string(), z.string()) })
      .parse(lastLineOf(stdout));
    for (const path of Object.values(figures.files)) expect(existsSync(path)).toBe(true);
    expect(stdout).toContain('energy (eV) over 7 steps');
  });

  it('a_failed_demo_says_why_and_leaves_nothing_behind', async () => {
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const env = { ...environment('--diverge-at-step=2'), TMPDIR: temporary };
    const { code, stderr } = await runMofsim(['demo'], env);
    expect(stderr).toMatch(/The demo failed: the task ended as FAILED: The optimization diverged/);
    expect(code).toBe(1);
    expect(readdirSync(temporary).filter((name) => name.startsWith('mofsim-demo'))).toEqual([]);
  });

  it('an_interrupted_demo_leaves_nothing_behind', async () => {
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const env = { ...environment('--never-converge', '--step-ms=20'), TMPDIR: temporary };
    const mofsim = startMofsim(['demo'], env);
    await mofsim.until('step 0');
    mofsim.interrupt();
    expect(await mofsim.finished).toMatchObject({ code: 130 });
    expect(readdirSync(temporary).filter((name) => name.startsWith('mofsim-demo'))).toEqual([]);
  });
});
