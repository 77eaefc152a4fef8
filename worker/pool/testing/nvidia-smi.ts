// Stand-in for nvidia-smi: nvidia-smi.ts STATE [ARGUMENTS OF NVIDIA-SMI]. Formats and messages are those of driver 550.
import { readState } from './gpu-machine-state.ts';
import type { MachineGpu } from './gpu-machine-state.ts';

const [stateFile = '', ...args] = process.argv.slice(2);
const { gpus, processes, is_driver_gone } = readState(stateFile);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function option(name: string): string[] | null {
  const given = args.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? null : given.slice(name.length + 3).split(',');
}

function fieldsOf(gpu: MachineGpu, index: number): Readonly<Record<string, string | number>> {
  return {
    index,
    uuid: gpu.uuid,
    name: gpu.name,
    'memory.used': gpu.memory_used_mb,
    'memory.total': gpu.memory_total_mb,
    'utilization.gpu': 0,
    'temperature.gpu': gpu.temperature_c,
    'power.draw': '24.51',
    'ecc.errors.uncorrected.volatile.total': gpu.ecc_errors,
  };
}

if (is_driver_gone) {
  print(
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
  );
  process.exit(9);
}
const only = args.includes('-i') ? args[args.indexOf('-i') + 1] : undefined;
const gpuFields = option('query-gpu');
gpus.forEach((gpu, index) => {
  if (gpuFields === null || gpu.is_lost || (only !== undefined && only !== gpu.uuid)) return;
  const fields = fieldsOf(gpu, index);
  print(gpuFields.map((name) => fields[name] ?? '[N/A]').join(', '));
});
const processFields = option('query-compute-apps');
for (const { gpu_uuid, pid, name, memory_used_mb } of processFields === null ? [] : processes) {
  const fields: Readonly<Record<string, string | number>> = {
    gpu_uuid,
    pid,
    process_name: name,
    used_memory: memory_used_mb,
  };
  print((processFields ?? []).map((field) => fields[field] ?? '[N/A]').join(', '));
}
const lost = gpus.findIndex(({ is_lost }) => is_lost);
if (lost !== -1) {
  print(
    `Unable to determine the device handle for GPU${lost}: 0000:0${lost}:00.0: GPU is lost. Reboot the system to recover this GPU`,
  );
  process.exit(15);
}
