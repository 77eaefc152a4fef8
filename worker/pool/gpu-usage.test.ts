import { expect, test } from 'vitest';
import { parseGpuUsage } from './gpu-usage.ts';

test('every_gpu_with_numbers_is_read_by_its_uuid', () => {
  const csv = 'GPU-1111-aaaa, 1024, 143771\nGPU-2222-bbbb, 0, 24576\nGPU-3333-cccc, [N/A], [N/A]\n';
  expect([...parseGpuUsage(csv)]).toEqual([
    ['GPU-1111-aaaa', { memory_used_mb: 1024, memory_total_mb: 143771 }],
    ['GPU-2222-bbbb', { memory_used_mb: 0, memory_total_mb: 24576 }],
  ]);
});

test('an_error_message_instead_of_a_table_gives_nothing', () => {
  expect(parseGpuUsage('NVIDIA-SMI has failed because it could not communicate with the driver.').size).toBe(0);
});
