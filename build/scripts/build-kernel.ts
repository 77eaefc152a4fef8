// Builds mofkernel into out/kernel: with CUDA when nvcc is there, for the CPU alone otherwise. CMake builds only what changed.
import { availableParallelism } from 'node:os';
import { kernelBuildFolder, kernelSourceFolder } from './paths.ts';
import { runCommand } from './run-command.ts';

const started = performance.now();
runCommand('cmake', ['-S', kernelSourceFolder, '-B', kernelBuildFolder, '-DCMAKE_BUILD_TYPE=Release'], { quiet: true });
runCommand(
  'cmake',
  ['--build', kernelBuildFolder, '--config', 'Release', '--parallel', String(availableParallelism())],
  {
    quiet: true,
  },
);
console.log(`mofkernel is built (${((performance.now() - started) / 1000).toFixed(1)} s)`);
