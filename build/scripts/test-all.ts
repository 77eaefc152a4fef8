// The whole test suite: the kernel's ctest, the unit tests, the end-to-end tests in a browser, MACE against mace-torch where that is
// installed. Ends with one line that counts them all.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { kernelBuildFolder, repositoryFolder } from './paths.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const reportFolder = join(repositoryFolder, 'out', 'test-reports');
rmSync(reportFolder, { recursive: true, force: true });
mkdirSync(reportFolder, { recursive: true });

const vitestReportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  numFailedTestSuites: z.int(),
});

/** Run one program with its output on our terminal and tell whether it ended well. */
function run(command: string, args: readonly string[]): boolean {
  console.log(`\n> ${command} ${args.join(' ')}`);
  const result = spawnSync(command, args, { cwd: repositoryFolder, stdio: 'inherit' });
  if (result.error !== undefined) console.error(`Could not start \`${command}\`: ${result.error.message}`);
  return result.status === 0;
}

/** A suite that ended badly without a failed test of its own counts as one failure, so that it cannot pass unseen. */
function withExitCode(counts: Counts, hasEndedWell: boolean): Counts {
  return hasEndedWell || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

function readReport(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function testKernel(): Counts {
  const report = join(reportFolder, 'kernel.xml');
  const hasEndedWell = run('ctest', [
    '--test-dir',
    kernelBuildFolder,
    '--output-on-failure',
    '--no-tests=error',
    '--parallel',
    String(availableParallelism()),
    '--output-junit',
    report,
  ]);
  const summary = readReport(report)?.match(/tests="(\d+)"\s+failures="(\d+)"\s+disabled="(\d+)"\s+skipped="(\d+)"/);
  const [tests = 0, failed = 0, disabled = 0, skipped = 0] = (summary ?? []).slice(1).map(Number);
  return withExitCode(
    { passed: tests - failed - disabled - skipped, failed, skipped: skipped + disabled },
    hasEndedWell,
  );
}

function testWithVitest(name: string, args: readonly string[]): Counts {
  const report = join(reportFolder, `${name}.json`);
  const hasEndedWell = run('npx', [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ]);
  const text = readReport(report);
  if (text === null) return withExitCode({ passed: 0, failed: 0, skipped: 0 }, false);
  const counts = vitestReportSchema.parse(JSON.parse(text));
  return withExitCode(
    {
      passed: counts.numPassedTests,
      failed: counts.numFailedTests,
      skipped: counts.numPendingTests + counts.numTodoTests,
    },
    hasEndedWell,
  );
}

const suites: Record<string, Counts> = {
  kernel: testKernel(),
  unit: testWithVitest('unit', []),
  'end-to-end': testWithVitest('end-to-end', ['--config', 'tests/e2e/vitest.config.ts']),
  parity: testWithVitest('parity', ['--config', 'tests/parity/vitest.config.ts']),
};

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
console.log('');
for (const [name, counts] of Object.entries(suites)) {
  console.log(`${name}: passed ${counts.passed}, failed ${counts.failed}, skipped ${counts.skipped}`);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed === 0 ? 0 : 1);
