import { expect, test } from 'vitest';
import { computeSettings } from './compute-settings.ts';
import type { ComputeParameters } from './compute-parameters.ts';
import type { WorkflowContext } from './workflow.ts';

test('the_limit_of_the_slot_is_the_limit_of_every_calculation', () => {
  const context = { potential: { kind: 'uff4mof' }, device: 'cuda:0', parameters: { precision: 'float64' } };
  const settingsWith = (limit: object) =>
    computeSettings({ ...context, ...limit } as WorkflowContext<ComputeParameters>);
  expect(settingsWith({ memory_limit_bytes: 1000 })).toMatchObject({ device: 'cuda:0', memory_limit_bytes: 1000 });
  expect(settingsWith({})).not.toHaveProperty('memory_limit_bytes');
});
