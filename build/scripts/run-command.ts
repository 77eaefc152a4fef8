// Runs one program in the foreground for the build scripts.
import { spawnSync } from 'node:child_process';

/** Run a program with its output on our terminal; ends this process with its exit code when it fails. */
export function runCommand(command: string, args: readonly string[], options: { quiet?: boolean } = {}): void {
  const run = spawnSync(command, args, {
    stdio: options.quiet === true ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.error !== undefined) {
    console.error(`Could not start \`${command}\`: ${run.error.message}`);
    process.exit(1);
  }
  if (run.status !== 0) {
    if (options.quiet === true) console.error(run.stdout + run.stderr);
    console.error(`\`${command} ${args.join(' ')}\` ended with ${run.status ?? run.signal ?? 'no exit code'}.`);
    process.exit(run.status ?? 1);
  }
}
