// What the OpenAPI document shows: the examples of the API document, with the fields that our answers have besides.
import { DOCUMENT_EXAMPLES } from './document-examples.ts';
import type { Example } from './document-examples.ts';

const message = '操作成功';

/** Laid over the example of the same operation, objects into objects, the n-th element into the n-th. */
const OUR_FIELDS: Readonly<Record<string, Example>> = {
  getTask: {
    answer: {
      message,
      data: {
        priority: 'NORMAL',
        stage: 'relax',
        name: null,
        tags: [],
        depends_on: [],
        batch_id: null,
        retry_of: null,
        with_d3: false,
        timeout: null,
        structure: { source: 'upload', file_id: 'file_xxx' },
        structure_name: 'MOF-5',
        n_atoms: 424,
        formula: 'C192H96O104Zn32',
        parameters: { fmax: 0.001, max_steps: 500, optimizer: 'LBFGS' },
        queued_at: '2024-01-15T10:30:00Z',
        finished_at: null,
        execution_time_seconds: null,
        device: 'cuda:0',
        attempts: 1,
        max_attempts: 3,
        preemptions: 0,
        estimated_wait_seconds: null,
        estimated_remaining_seconds: 150,
        metrics: { peak_gpu_memory_MB: 812, avg_step_time_ms: 42.5 },
        error: null,
      },
    },
  },
  getTaskResult: {
    answer: {
      message,
      data: {
        task_type: 'optimization',
        result: {
          initial_energy_eV: -1230.1,
          max_force_history: [1.204, 0.871],
          initial_volume_A3: 17234.1,
          final_volume_A3: 17190.8,
          volume_change_percent: -0.25,
          cell_parameters: { a: 25.81, b: 25.81, c: 25.81, alpha: 90, beta: 90, gamma: 90 },
          stress_GPa: [0.001, 0.001, 0.001, 0, 0, 0],
          rmsd_from_initial: 0.084,
          rmsd_benchmark_A: 0.051,
          space_group_before: { number: 225, symbol: 'F m -3 m' },
          space_group_after: { number: 225, symbol: 'F m -3 m' },
          symmetry_kept: true,
          bond_changes: { n_broken: 0, n_formed: 0, broken: [], formed: [] },
          energy_components_eV: { total: -1234.567 },
          warnings: [],
        },
        metrics: { peak_gpu_memory_MB: 812, avg_step_time_ms: 42.5 },
        output_files: [{ filename: 'optimized.cif', size_bytes: 12345, url: '/files/task_abc123/optimized.cif' }],
      },
    },
  },
  getTaskLogs: { answer: { message } },
  cancelTask: { answer: { message: '任务已取消' } },
  retryTask: { answer: { message: '任务已重新提交' } },
  listTasks: { answer: { message } },
  uploadStructure: {
    answer: {
      message: '文件已上传',
      data: {
        elements: ['C', 'H', 'O', 'Zn'],
        cell_parameters: { a: 25.83, b: 25.83, c: 25.83, alpha: 90, beta: 90, gamma: 90 },
        volume_A3: 17234.1,
        density_g_cm3: 0.59,
        space_group: 'Fm-3m',
        space_group_number: 225,
        smallest_perpendicular_width_A: 25.83,
        warnings: [],
      },
    },
  },
  listBuiltinStructures: {
    answer: {
      message,
      data: {
        structures: [
          {
            title: 'MOF-5, primitive cell',
            space_group: 'Fm-3m',
            citation: 'Li et al., Nature 402, 276 (1999)',
            doi: '10.1038/46248',
            preparation: 'Hydrogens as published.',
          },
        ],
      },
    },
  },
  listModels: {
    answer: {
      message,
      data: {
        models: [
          {
            description: 'A model of organic molecules.',
            citation: 'Kovács et al. (2023)',
            is_custom: false,
            installed: true,
            license: 'ASL',
            download_url: null,
            is_recommended: false,
            heads: ['Default'],
            is_available: true,
            unavailable_reason: null,
            loaded_on: [],
            sha256: null,
            size_bytes: null,
          },
        ],
      },
    },
  },
  // The queue is inside the service; there is no Redis that could be connected.
  getHealth: { answer: { redis: 'embedded' } },
  getStats: { answer: { message } },
  listGpus: {
    answer: {
      message,
      data: {
        gpus: [
          {
            uuid: 'GPU-6f5bca0e-9cd1-9b37-2d4e-0b6f2c1f3a55',
            utilization_percent: 97,
            temperature_c: 71,
            power_w: 320,
            current_tasks: ['task_abc123'],
            other_processes: [],
            is_enabled: true,
            is_paused: false,
            memory_limit_mb: null,
            concurrency: 1,
            problem: null,
          },
        ],
        cpu: {
          name: 'AMD Ryzen 9 7950X',
          n_threads: 32,
          memory_used_mb: 12000,
          memory_total_mb: 65536,
          status: 'unused',
          current_task: null,
          current_tasks: [],
        },
        unavailable_reason: null,
      },
    },
  },
  listFiles: { answer: { message } },
  webhook: { request: { task_type: 'optimization', model: 'mace_off_prod', execution_time_seconds: 245.6 } },
};

export const EXAMPLES: Readonly<Record<string, Example | undefined>> = Object.fromEntries(
  Object.entries<Example>(DOCUMENT_EXAMPLES).map(([operation, { request, answer }]) => {
    const ours = OUR_FIELDS[operation];
    return [
      operation,
      {
        ...(request === undefined ? {} : { request: overlay(request, ours?.request) }),
        ...(answer === undefined ? {} : { answer: overlay(answer, ours?.answer) }),
      },
    ];
  }),
);

function overlay(under: Record<string, unknown>, over: Record<string, unknown> = {}): Record<string, unknown> {
  const keys = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, overlayValue(under[key], over[key])]));
}

function overlayValue(under: unknown, over: unknown): unknown {
  if (over === undefined) return under;
  if (Array.isArray(under) && Array.isArray(over)) {
    return under.map((element: unknown, i) => overlayValue(element, over[i]));
  }
  return isObject(under) && isObject(over) ? overlay(under, over) : over;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
