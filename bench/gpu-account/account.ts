// What MACE's device kernels were compiled to, and what one evaluation asks of a GPU: counted, never measured.
//   node bench/gpu-account/account.ts BUILT --sm 90 [--neighbors 60] [--double] [--cuobjdump PATH]
// BUILT is a mofkernel, a library or a cubin with code for that architecture. cuobjdump and nvdisasm are no part of the
// toolkit's compiler: pip install nvidia-cuda-cuobjdump nvidia-cuda-nvdisasm.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type Gpu, gpus, occupancy } from './gpus.ts';
import { blockOf, type LaunchWork, launchesOf, mpa0 } from './mace-work.ts';
import { type InstructionCounts, type KernelResources, parseResources, parseSass } from './sass.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sm: { type: 'string', default: '90' },
    neighbors: { type: 'string', default: '60' },
    double: { type: 'boolean', default: false },
    cuobjdump: { type: 'string', default: 'cuobjdump' },
  },
});

function cuobjdump(argument: string, built: string): string {
  const run = spawnSync(values.cuobjdump, [argument, built], { encoding: 'utf8', maxBuffer: 2 ** 31 - 1 });
  if (run.error !== undefined) throw run.error;
  return run.stdout;
}

function printTable(header: readonly string[], lines: readonly (readonly (string | number)[])[]): void {
  console.log(`| ${header.join(' | ')} |`);
  console.log(`| ${header.map(() => '---').join(' | ')} |`);
  for (const line of lines) console.log(`| ${line.join(' | ')} |`);
}

/** The readable part of a mangled name. */
function shortName(mangled: string): string {
  const words = /(multiply_kernel|adjoint_kernel|value_kernel)I([fd])(?:Li(\d))?|(Adjoint|Value)I([fd])Li(\d)/.exec(
    mangled,
  );
  if (words === null) return '';
  const type = (words[2] ?? words[5]) === 'f' ? 'float' : 'double';
  const name = words[1] ?? `convolution ${words[4] ?? ''}`;
  const number = words[3] ?? words[6];
  return `${name}<${type}${number === undefined ? '' : `, ${number}`}>`;
}

function loopText(loop: InstructionCounts): string {
  const share = Math.round((100 * loop.fma) / loop.all);
  return (
    `${String(loop.all)} instructions, ${String(share)} % FMA, ` +
    `${String(loop.globalLoads)} global loads (${String(loop.globalLoadBytes)} B), ` +
    `${String(loop.sharedAccesses)} shared (${String(loop.sharedBytes)} B)`
  );
}

const bytesPerNumber = values.double ? 8 : 4;

function launched(name: string, used: KernelResources): { threads: number; registers: number; sharedBytes: number } {
  const { threads, askedSharedBytes } = blockOf(name, bytesPerNumber);
  return { threads, registers: used.registers, sharedBytes: used.sharedBytes + askedSharedBytes };
}

function printKernels(built: string): void {
  const architecture = values.sm;
  const wanted = (text: string): string =>
    text
      .split(/(?=Fatbin elf code:)/)
      .filter((part) => !part.includes('arch = ') || part.includes(`arch = sm_${architecture}`))
      .join('');
  const resources = new Map(parseResources(wanted(cuobjdump('-res-usage', built))).map((one) => [one.name, one]));
  const lines = parseSass(wanted(cuobjdump('-sass', built))).flatMap((code) => {
    const name = shortName(code.name);
    if (name === '' || name.includes(values.double ? 'float' : 'double')) return [];
    const used = resources.get(code.name);
    const hottest = code.loops.toSorted((a, b) => b.fma - a.fma)[0];
    return [
      [
        name,
        used?.registers ?? '',
        used?.stackBytes ?? '',
        code.whole.localAccesses,
        ...gpus.map((gpu) =>
          used === undefined ? '' : `${(100 * occupancy(gpu, launched(name, used))).toFixed(0)} %`,
        ),
        code.whole.all,
        hottest === undefined ? '' : loopText(hottest),
      ],
    ];
  });
  const resident = gpus.map(({ name }) => `warps, ${name}`);
  printTable(
    ['device kernel', 'registers', 'stack, B', 'local accesses', ...resident, 'instructions', 'fullest inner loop'],
    lines,
  );
}

function nanoseconds(gpu: Gpu, launch: LaunchWork): { arithmetic: number; memory: number; floor: number } {
  const arithmetic = launch.operations / (values.double ? gpu.float64Tflops : gpu.float32Tflops) / 1000;
  const memory = launch.leastBytes / gpu.memoryTBs / 1000;
  return { arithmetic, memory, floor: Math.max(arithmetic, memory) };
}

function printLaunches(launches: readonly LaunchWork[]): void {
  const line = (launch: LaunchWork): (string | number)[] => [
    launch.name,
    launch.launches,
    (launch.operations / 1000).toFixed(0),
    (launch.askedBytes / 1000).toFixed(1),
    (launch.leastBytes / 1000).toFixed(1),
    (launch.operations / launch.leastBytes).toFixed(1),
    ...gpus.map((gpu) => nanoseconds(gpu, launch).floor.toFixed(1)),
  ];
  const total = (of: (launch: LaunchWork) => number): number => launches.reduce((sum, launch) => sum + of(launch), 0);
  printTable(
    ['launch', 'launches', 'kFLOP', 'asked, kB', 'least, kB', 'FLOP/B', ...gpus.map(({ name }) => `${name}, ns`)],
    [
      ...launches.map(line),
      [
        'all',
        total(({ launches: n }) => n),
        (total(({ operations }) => operations) / 1000).toFixed(0),
        (total(({ askedBytes }) => askedBytes) / 1000).toFixed(1),
        (total(({ leastBytes }) => leastBytes) / 1000).toFixed(1),
        '',
        ...gpus.map((gpu) => total((launch) => nanoseconds(gpu, launch).floor).toFixed(0)),
      ],
    ],
  );
}

const [built] = positionals;
if (built !== undefined) printKernels(built);
console.log('\nPer atom, MACE-MPA-0 medium:\n');
printLaunches(launchesOf(mpa0(Number(values.neighbors), bytesPerNumber)));
