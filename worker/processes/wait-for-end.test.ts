import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { isAlive, waitForEnd } from './wait-for-end.ts';

/** A process that says something once it runs, and then stays until it is told to go, or for ever. */
async function startSleeper(script: string): Promise<{ pid: number; stdin: NodeJS.WritableStream }> {
  const child = spawn(process.execPath, ['-e', `process.stdout.write('up'); ${script}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, stdin: child.stdin };
}

describe('waiting for the end of a process', () => {
  test('it_settles_when_the_process_has_ended_by_itself', async () => {
    const { pid, stdin } = await startSleeper(`process.stdin.resume().on('end', () => process.exit())`);
    const end = waitForEnd(pid, { killAfterMs: 60_000, giveUpAfterMs: 60_000 });
    expect(isAlive(pid)).toBe(true);
    stdin.end();
    expect(await end).toBe(true);
    expect(isAlive(pid)).toBe(false);
  });

  test.skipIf(process.platform === 'win32')('one_that_does_not_listen_is_killed', async () => {
    const { pid } = await startSleeper(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`);
    expect(await waitForEnd(pid, { killAfterMs: 0, giveUpAfterMs: 20_000 })).toBe(true);
  });

  test('one_that_cannot_be_ended_is_given_up', async () => {
    expect(await waitForEnd(process.pid, { killAfterMs: 60_000, giveUpAfterMs: 20 })).toBe(false);
  });
});
