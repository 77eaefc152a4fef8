import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ProcessStartError, startProcess } from './start-process.ts';

/** Runs `source` as a program of its own. */
function startScript(source: string, env: Record<string, string> = {}) {
  return startProcess({ path: process.execPath, args: ['--input-type=module', '--eval', source], env });
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('startProcess', () => {
  it('a_key_in_our_environment_is_not_passed_on', async () => {
    process.env.MOFSIM_API_KEY = 'secret';
    try {
      const child = await startScript('console.log(JSON.stringify(process.env))', { MOFK_EXTRA: 'yes' });
      const env = await readAll(child.stdout);
      expect(env).not.toContain('secret');
      expect(JSON.parse(env)).toMatchObject({ PATH: process.env.PATH, MOFK_EXTRA: 'yes' });
    } finally {
      delete process.env.MOFSIM_API_KEY;
    }
  });

  it('the_exit_tells_code_and_last_lines', async () => {
    const child = await startScript('for (let i = 0; i < 30; i++) console.error("line " + i); process.exit(7)');
    child.stdout.resume();
    const exit = await child.exited;
    expect(exit.code).toBe(7);
    expect(exit.stderrTail).toHaveLength(20);
    expect(exit.stderrTail.at(-1)).toBe('line 29');
  });

  it('a_program_that_ends_with_its_stdin_is_not_killed', async () => {
    const child = await startScript('process.stdin.resume(); process.stdin.on("end", () => process.exit(5))');
    child.stdout.resume();
    expect(await child.stop(10_000)).toMatchObject({ code: 5, signal: null });
  });

  it('stop_kills_what_does_not_listen_and_everything_that_it_started', async () => {
    const child = await startScript(`
      import { spawn } from 'node:child_process';
      spawn(process.execPath, ['--eval', 'console.log("grandchild"); setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      setInterval(() => {}, 1000);
    `);
    await once(child.stdout, 'data');
    child.stdout.resume();
    // The grandchild holds the other end of stdout and stderr: `exited` can settle only when it is gone too.
    const [first, second] = await Promise.all([child.stop(50), child.stop(50)]);
    expect(first).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(second).toBe(first);
  });

  it('a_program_that_is_not_there_is_named', async () => {
    await expect(startProcess({ path: '/nonexistent/program', args: [] })).rejects.toThrow(ProcessStartError);
    await expect(startProcess({ path: '/nonexistent/program', args: [] })).rejects.toThrow(/nonexistent.program/);
  });

  it.skipIf(!existsSync('/proc/self/autogroup'))('a_program_gives_way_as_a_session_as_its_starter_does', async () => {
    const child = await startScript(`
      import { readFileSync } from 'node:fs';
      import { setPriority } from 'node:os';
      import { startProcess } from ${JSON.stringify(new URL('start-process.ts', import.meta.url).href)};
      setPriority(10);
      const started = await startProcess({ path: 'cat', args: [] });
      console.log(readFileSync('/proc/' + started.pid + '/autogroup', 'utf8'));
      await started.stop(1000);
    `);
    expect(await readAll(child.stdout)).toContain('nice 10');
  });
});
