import { describe, expect, test } from 'vitest';
import type { CampaignRow } from '../../../contracts/campaign.ts';
import { mergeRows, pageSizeFor } from './merge-rows.ts';

const row = (structure_name: string, task: string, model: string) => ({ structure_name, task, model }) as CampaignRow;

describe('the lines of a campaign', () => {
  test('have_the_tasks_of_a_structure_and_model_side_by_side', () => {
    const rows = [row('A', 'relax', 'm1'), row('A', 'relax', 'm2'), row('A', 'bulk', 'm1'), row('B', 'relax', 'm1')];
    const lines = mergeRows(rows);
    expect(lines.map(({ structure_name, model, cells }) => [structure_name, model, [...cells.keys()]])).toEqual([
      ['A', 'm1', ['relax', 'bulk']],
      ['A', 'm2', ['relax']],
      ['B', 'm1', ['relax']],
    ]);
    expect(lines[0]?.cells.get('bulk')).toBe(rows[2]);
  });

  test.each([
    [1, 1],
    [3, 2],
    [7, 3],
    [20, 20],
  ])('a_page_of_%i_tasks_and_%i_models_ends_with_a_whole_structure', (nTasks, nModels) => {
    const size = pageSizeFor({
      tasks: Array.from({ length: nTasks }, (_, i) => ({ label: `${i}`, task_type: 'optimization', parameters: {} })),
      models: Array.from({ length: nModels }, (_, i) => `m${i}`),
    });
    expect(size % (nTasks * nModels)).toBe(0);
    expect(size).toBeLessThanOrEqual(1000);
    expect(size).toBeGreaterThan(0);
  });
});
