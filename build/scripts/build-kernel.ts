// Builds mofkernel into out/kernel: with CUDA when nvcc is there, for the CPU alone otherwise. CMake builds only what changed.
// `--tests` builds its tests as well.
import { availableParallelism } from 'node:os';
import { kernelBuildFolder, kernelSourceFolder } from './paths.ts';
import { runCommand } from './run-command.ts';

const started = performance.now();
runCommand('cmake', ['-S', kernelSourceFolder, '-B', kernelBuildFolder, '-DCMAKE_BUILD_TYPE=Release'], { quiet: true });
const target = process.argv.includes('--tests') ? [] : ['--target', 'mofkernel'];
const parallel = ['--parallel', String(availableParallelism())];
runCommand('cmake', ['--build', kernelBuildFolder, '--config', 'Release', ...parallel, ...target], { quiet: true });
console.log(`mofkernel is built (${((performance.now() - started) / 1000).toFixed(1)} s)`);
