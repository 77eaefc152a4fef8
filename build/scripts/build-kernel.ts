// Builds mofkernel into out/kernel. CMake builds only what changed.
// `--tests` builds its tests as well, also those on the emulated device (docs/gpu.md). `--all-architectures`, or MOFSIM_CUDA_ARCHITECTURES=all, builds for every GPU
// generation, as packages need it; otherwise the GPUs of this machine decide, and without one (or without nvcc) the
// kernel is built for the CPU alone, in a fifth of the time. MOFSIM_CUDA_ARCHITECTURES also takes CMake's own list.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { kernelBuildFolder, kernelSourceFolder } from './paths.ts';
import { runCommand } from './run-command.ts';

const ALL_ARCHITECTURES = '75-real;80-real;86-real;89-real;90-real;100-real;120';

/** Options of CMake, and for whom the kernel will be. */
function chooseCuda(): { options: string[]; target: string } {
  const wish = process.argv.includes('--all-architectures') ? 'all' : process.env.MOFSIM_CUDA_ARCHITECTURES;
  if (wish === 'all') return withCuda(ALL_ARCHITECTURES, 'every GPU generation');
  if (wish !== undefined && wish !== '') return withCuda(wish, `GPU architectures ${wish}`);
  const capabilities = seenCapabilities();
  if (capabilities.length > 0) {
    const list = capabilities.map((capability) => `${capability.replace('.', '')}-real`).join(';');
    return withCuda(list, `GPUs of compute capability ${capabilities.join(', ')}`);
  }
  return { options: ['-DMOFK_CUDA=OFF'], target: 'the CPU; no NVIDIA GPU was seen' };
}

function withCuda(list: string, target: string): { options: string[]; target: string } {
  return {
    options: ['-DMOFK_CUDA=ON', `-DMOFK_CUDA_ARCHITECTURES=${list}`],
    target: `the CPU and, with nvcc, ${target}`,
  };
}

/** Such as "9.0"; empty without a driver or a GPU. */
function seenCapabilities(): string[] {
  const { stdout, status } = spawnSync('nvidia-smi', ['--query-gpu=compute_cap', '--format=csv,noheader'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (status !== 0) return [];
  return [...new Set(stdout.split('\n').map((line) => line.trim()))].filter((text) => /^\d+\.\d$/.test(text)).sort();
}

const started = performance.now();
const { options, target } = chooseCuda();
const withTests = process.argv.includes('--tests');
// Its stacks are switched by instructions of x86-64 on Linux.
const canEmulate = process.platform === 'linux' && process.arch === 'x64';
const emulation = `-DMOFK_EMULATION=${withTests && canEmulate ? 'ON' : 'OFF'}`;
const places = ['-S', kernelSourceFolder, '-B', kernelBuildFolder];
runCommand('cmake', [...places, '-DCMAKE_BUILD_TYPE=Release', emulation, ...options], { quiet: true });
const what = withTests ? [] : ['--target', 'mofkernel'];
const parallel = ['--parallel', String(availableParallelism())];
runCommand('cmake', ['--build', kernelBuildFolder, '--config', 'Release', ...parallel, ...what], { quiet: true });
console.log(`mofkernel is built for ${target} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
