// The JSON examples of the API document, by operation, as it prints them (without the dots that stand for more). The OpenAPI
// document shows them, and the tests hold the schemas to them.

export interface Example {
  request?: Record<string, unknown>;
  /** The whole body of the answer. */
  answer?: Record<string, unknown>;
}

const UPLOAD = { source: 'upload', file_id: 'file_xxx' };
const model = 'mace_off_prod';
const success = true;

export const DOCUMENT_EXAMPLES = {
  submitOptimization: {
    request: {
      model,
      structure: UPLOAD,
      parameters: { fmax: 0.001, max_steps: 500, optimizer: 'LBFGS' },
      priority: 'NORMAL',
      webhook_url: 'https://your-server/callback',
    },
    answer: {
      success,
      data: { task_id: 'task_abc123', status: 'PENDING', estimated_wait_seconds: 120 },
      message: '任务已提交',
    },
  },
  submitStability: {
    request: {
      model,
      structure: { source: 'builtin', name: 'MOF-5_primitive' },
      parameters: { temperature_k: 300, timestep_fs: 1.0, total_steps: 1000, equilibration_steps: 100 },
    },
  },
  submitBulkModulus: {
    request: {
      model,
      structure: UPLOAD,
      parameters: { strain_range: 0.05, num_points: 5, fitting_method: 'birch_murnaghan' },
    },
  },
  submitHeatCapacity: {
    request: {
      model,
      structure: UPLOAD,
      parameters: { temperature_range: [100, 500], temperature_step: 50, supercell: [2, 2, 2] },
    },
  },
  submitInteractionEnergy: {
    request: { model, structure: UPLOAD, parameters: { adsorbate: 'CO2', grid_spacing: 0.5 } },
  },
  submitSinglePointEnergy: {
    request: { model, structure: UPLOAD, parameters: { compute_forces: true, compute_stress: true } },
  },
  getTask: {
    answer: {
      success,
      data: {
        task_id: 'task_abc123',
        task_type: 'optimization',
        status: 'RUNNING',
        model,
        progress: 45,
        created_at: '2024-01-15T10:30:00Z',
        started_at: '2024-01-15T10:31:00Z',
        gpu_id: 0,
      },
    },
  },
  getTaskResult: {
    answer: {
      success,
      data: {
        task_id: 'task_abc123',
        result: {
          converged: true,
          steps: 156,
          final_energy_eV: -1234.567,
          max_force_eV_A: 0.00098,
          energy_history: [-1230.1, -1232.5],
          final_structure: { format: 'cif', content: 'data_...', file_url: '/files/task_abc123/optimized.cif' },
        },
        execution_time_seconds: 245.6,
      },
    },
  },
  getTaskLogs: {
    answer: {
      success,
      data: {
        logs: [
          {
            timestamp: '2024-01-15T10:31:00.123Z',
            level: 'INFO',
            message: '任务开始执行',
            context: { gpu_id: 0 },
          },
        ],
        total: 50,
      },
    },
  },
  cancelTask: {
    answer: {
      success,
      data: { task_id: 'task_abc123', previous_status: 'RUNNING', current_status: 'CANCELLED' },
    },
  },
  retryTask: {
    answer: { success, data: { new_task_id: 'task_def456', original_task_id: 'task_abc123' } },
  },
  listTasks: {
    answer: {
      success,
      data: { tasks: [], pagination: { total: 150, page: 1, page_size: 20, total_pages: 8 } },
    },
  },
  uploadStructure: {
    answer: {
      success,
      data: { file_id: 'file_xxx', filename: 'MOF-5.cif', format: 'cif', n_atoms: 424, formula: 'Zn4O(BDC)3' },
    },
  },
  listBuiltinStructures: {
    answer: {
      success,
      data: {
        structures: [{ name: 'MOF-5_primitive', formula: 'Zn4O(BDC)3', n_atoms: 106, category: 'benchmark' }],
      },
    },
  },
  listModels: {
    answer: {
      success,
      data: {
        models: [
          {
            id: model,
            name: 'MACE-OFF Production',
            family: 'mace',
            version: '1.0.0',
            supported_elements: ['H', 'C', 'N', 'O'],
            max_atoms: 5000,
            d3_available: true,
          },
        ],
      },
    },
  },
  getHealth: {
    answer: { status: 'ok', version: '1.0.0', database: 'connected', redis: 'connected', gpus: 8 },
  },
  getStats: {
    answer: {
      success,
      data: {
        tasks: { pending: 5, running: 8, completed_today: 120, failed_today: 3 },
        gpus: { total: 8, free: 2, busy: 6 },
        queue: { size: 15, estimated_wait_seconds: 300 },
      },
    },
  },
  listGpus: {
    answer: {
      success,
      data: {
        gpus: [
          {
            id: 0,
            name: 'NVIDIA GeForce RTX 3090',
            status: 'busy',
            memory_used_mb: 18000,
            memory_total_mb: 24576,
            current_task: 'task_abc123',
            loaded_models: [model],
          },
        ],
      },
    },
  },
  listFiles: {
    answer: {
      success,
      data: {
        files: [
          { filename: 'optimized.cif', size_bytes: 12345, url: '/files/task_abc123/optimized.cif' },
          { filename: 'trajectory.xyz', size_bytes: 234567, url: '/files/task_abc123/trajectory.xyz' },
        ],
      },
    },
  },
  webhook: {
    request: {
      event: 'task.completed',
      task_id: 'task_abc123',
      status: 'COMPLETED',
      timestamp: '2024-01-15T10:35:00Z',
      result_url: 'https://your-server/api/v1/tasks/task_abc123/result',
    },
  },
} as const satisfies Record<string, Example>;
