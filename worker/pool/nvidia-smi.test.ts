// What nvidia-smi writes, as its documentation and its users have it; the programs are small stand-ins.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProcessStartError } from '../processes/start-process.ts';
import { parseGpuProcesses, parseGpuReadings, readGpuProcesses, readGpus } from './nvidia-smi.ts';
import { uuidOf } from './testing/devices.ts';
import { createGpuMachine } from './testing/gpu-machine.ts';
import type { GpuMachine } from './testing/gpu-machine.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-nvidia-smi-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a line of nvidia-smi', () => {
  test('gives_the_figures_of_a_gpu', () => {
    const line = '1, GPU-5ac1, 1024, 81559, 97, 63, 412.71, 0, NVIDIA H100 80GB HBM3\n';
    expect(parseGpuReadings(line)).toEqual([
      {
        uuid: 'GPU-5ac1',
        index: 1,
        name: 'NVIDIA H100 80GB HBM3',
        memory_used_mb: 1024,
        memory_total_mb: 81_559,
        utilization_percent: 97,
        temperature_c: 63,
        power_w: 412.71,
        ecc_errors: 0,
        problem: null,
      },
    ]);
  });

  test('has_no_figure_where_the_gpu_does_not_measure_it', () => {
    const [gpu] = parseGpuReadings('0, GPU-1, 300, 8192, [N/A], 41, [Not Supported], [N/A], Name, with a comma');
    expect(gpu).toMatchObject({ utilization_percent: null, power_w: null, ecc_errors: null, problem: null });
    expect(gpu?.name).toBe('Name, with a comma');
  });

  test.each(['[GPU is lost]', '[GPU requires reset]', '[Unknown Error]'])('with_%s_is_a_problem', (words) => {
    expect(parseGpuReadings(`0, GPU-1, ${words}, ${words}, 0, 41, 24, 0, Name`)[0]?.problem).toBe(words);
  });

  test('that_is_a_message_is_no_gpu', () => {
    expect(
      parseGpuReadings('NVIDIA-SMI has failed because it could not, ever, communicate, with, the, driver, at, all'),
    ).toEqual([]);
    expect(parseGpuProcesses('No running processes found')).toEqual([]);
  });

  test('names_a_program_also_where_its_memory_is_not_told', () => {
    expect(parseGpuProcesses('GPU-1, 4711, [N/A], C:\\Program Files\\Game, the second.exe')).toEqual([
      { gpu_uuid: 'GPU-1', pid: 4711, memory_used_mb: null, name: 'C:\\Program Files\\Game, the second.exe' },
    ]);
  });
});

describe('a machine', () => {
  let machine: GpuMachine;
  const readAll = (known: readonly string[] = []) => readGpus(machine.nvidiaSmiPath, known);

  test.each([1, 2, 8])('with_%i_gpus_is_read', async (n) => {
    machine = createGpuMachine(folder, n, '/bin/false');
    const { gpus, complaint } = await readAll();
    expect(gpus.map(({ uuid, index }) => [uuid, index])).toEqual(gpus.map((_, i) => [uuidOf(i), i]));
    expect([gpus.length, complaint]).toEqual([n, null]);
  });

  test('with_a_lost_gpu_tells_the_others_and_the_reason', async () => {
    machine = createGpuMachine(folder, 3, '/bin/false');
    machine.change(({ gpus }) => {
      gpus[1]!.is_lost = true;
    });
    const { gpus, complaint } = await readAll();
    expect(gpus.map(({ index }) => index)).toEqual([0, 2]);
    expect(complaint).toContain('GPU is lost');
  });

  test('without_a_driver_gives_its_words', async () => {
    machine = createGpuMachine(folder, 1, '/bin/false');
    machine.change((state) => {
      state.is_driver_gone = true;
    });
    await expect(readAll()).rejects.toThrow(/communicate with the NVIDIA driver/);
    await expect(readGpuProcesses(machine.nvidiaSmiPath)).rejects.toThrow(/communicate with the NVIDIA driver/);
  });

  test('whose_nvidia_smi_gives_up_for_one_gpu_is_asked_for_each', async () => {
    const path = join(folder, 'nvidia-smi-that-gives-up');
    const line = `0, ${uuidOf(0)}, 300, 24576, 0, 41, 24, 0, Name`;
    writeFileSync(
      path,
      `#!/bin/sh\n[ "$2" = "${uuidOf(0)}" ] && echo "${line}" && exit 0\necho "GPU is lost"\nexit 15\n`,
    );
    chmodSync(path, 0o755);
    const { gpus, complaint } = await readGpus(path, [uuidOf(0), uuidOf(1)]);
    expect([gpus.map(({ uuid }) => uuid), complaint]).toEqual([[uuidOf(0)], 'GPU is lost']);
  });

  test('without_nvidia_smi_is_told_apart', async () => {
    await expect(readGpus(join(folder, 'none'))).rejects.toThrow(ProcessStartError);
  });
});
