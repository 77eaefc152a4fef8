// The pure parts of campaigns: how far one is, scores against numbers worked out by hand, rows and CSV, figures of results.
import { describe, expect, test } from 'vitest';
import type { CampaignRow } from '../../../contracts/campaign.ts';
import { KEY_FIGURES } from '../../../contracts/key-figures.ts';
import type { CellGroup, CellRow, ComparedCell } from '../../store/campaign-cells.ts';
import { renderReport } from '../../workflows/output/report.ts';
import { outcomeOf } from './figures.ts';
import { progressOf } from './progress.ts';
import { reportOf } from './report.ts';
import { scoresOf } from './scores.ts';
import { columnsOf, csvHeader, csvRow, rowOf } from './table.ts';

function group(status: CellGroup['status'], n: number, work: number, seconds = 0, task_index = 0): CellGroup {
  const finished_at = seconds > 0 ? '2026-01-01T00:00:10.000Z' : null;
  return { task_index, model_index: 0, status, n, work, execution_time_seconds: seconds, finished_at };
}

describe('progress', () => {
  test('counts_every_state_and_estimates_from_the_pace_of_what_has_completed', () => {
    // 40 units of work took 20 s; 100 and 60 are waiting, and 5 cells are not submitted: their work is the mean, 200 / 20 each.
    const groups = [
      group('COMPLETED', 4, 40, 20),
      group('QUEUED', 10, 100),
      group('RUNNING', 6, 60),
      group('PLANNED', 5, 0),
    ];
    const { counts, status, progress, estimated_remaining_seconds, finished_at } = progressOf(groups, 'ACTIVE', 2);
    expect({ status, progress, finished_at }).toEqual({ status: 'SUBMITTING', progress: 16, finished_at: null });
    expect(counts).toMatchObject({ COMPLETED: 4, QUEUED: 10, RUNNING: 6, PLANNED: 5, REFUSED: 0 });
    expect(estimated_remaining_seconds).toBeCloseTo(((100 + 60 + 5 * 10) * 0.5) / 2, 12);
  });

  test('does_not_guess_what_nothing_has_been_measured_of', () => {
    const groups = [group('COMPLETED', 4, 40, 20), group('QUEUED', 1, 10, 0, 1)];
    expect(progressOf(groups, 'ACTIVE', 1).estimated_remaining_seconds).toBeNull();
    expect(
      progressOf([group('COMPLETED', 1, 1, 1), group('QUEUED', 1, 1)], 'ACTIVE', 0).estimated_remaining_seconds,
    ).toBeNull();
  });

  test('has_ended_when_nothing_waits_runs_or_is_planned', () => {
    const groups = [group('COMPLETED', 1, 1, 5), group('REFUSED', 2, 0), group('FAILED', 1, 1, 1)];
    const ended = { status: 'COMPLETED', progress: 100, finished_at: '2026-01-01T00:00:10.000Z', computed_seconds: 6 };
    expect(progressOf(groups, 'ACTIVE', 1)).toMatchObject({ ...ended, estimated_remaining_seconds: 0 });
    expect(progressOf([...groups, group('CANCELLED', 3, 0)], 'CANCELLED', 1).status).toBe('CANCELLED');
    expect(progressOf([...groups, group('RUNNING', 1, 1)], 'CANCELLED', 1).status).toBe('RUNNING');
  });
});

const CAMPAIGN = {
  tasks: [
    { label: 'relax', task_type: 'optimization' as const, parameters: {} },
    { label: 'B0', task_type: 'bulk-modulus' as const, parameters: {} },
  ],
  models: ['uff4mof', 'other'],
};

function compared(changes: Partial<ComparedCell>): ComparedCell {
  return {
    structure_name: 'a',
    task_index: 0,
    model_index: 0,
    status: 'COMPLETED',
    quantity: 'volume_A3',
    reference: 100,
    value: 100,
    is_reliable: true,
    ...changes,
  };
}

describe('scores', () => {
  test('are_those_of_reliable_results_and_within_ten_per_cent_is_of_all', () => {
    const cells = [
      compared({ structure_name: 'exact' }),
      compared({ structure_name: 'high', value: 110 }),
      compared({ structure_name: 'low', reference: 200, value: 160 }),
      compared({ structure_name: 'doubtful', is_reliable: false }),
      compared({ structure_name: 'empty', value: null }),
      compared({ structure_name: 'failed', status: 'FAILED', value: null, is_reliable: false }),
      compared({ structure_name: 'refused', status: 'REFUSED', value: null, is_reliable: false }),
      compared({ structure_name: 'waiting', status: 'QUEUED', value: null, is_reliable: false }),
    ];
    const [score, ...others] = [...scoresOf(CAMPAIGN, cells)];
    expect(others).toEqual([]);
    expect(score).toMatchObject({ task: 'relax', model: 'uff4mof', quantity: 'volume_A3', unit: 'A^3' });
    expect(score).toMatchObject({ n_references: 8, n: 3, n_unreliable: 2, n_failed: 2, n_missing: 1 });
    // Errors 0, 10, -40; 0, 10, 20 per cent.
    expect(score?.mae).toBeCloseTo(50 / 3, 12);
    expect(score?.rmse).toBeCloseTo(Math.sqrt(1700 / 3), 12);
    expect(score?.mean_error).toBeCloseTo(-10, 12);
    expect(score?.mape_percent).toBeCloseTo(10, 12);
    expect(score).toMatchObject({ n_within_10_percent: 2, percent_within_10_percent: 25 });
    expect(score?.points.map(({ structure_name }) => structure_name)).toEqual(['exact', 'high', 'low']);
  });

  test('are_apart_by_quantity_task_and_model_and_only_for_tasks_that_compute_the_quantity', () => {
    const cells = [
      compared({}),
      compared({ model_index: 1, value: 90 }),
      compared({ task_index: 1, value: null, is_reliable: true }),
      compared({ task_index: 1, quantity: 'bulk_modulus_GPa', reference: 0, value: 1 }),
    ];
    const scores = [...scoresOf(CAMPAIGN, cells)];
    expect(scores.map(({ task, model, quantity }) => [task, model, quantity])).toEqual([
      ['B0', 'uff4mof', 'bulk_modulus_GPa'],
      ['relax', 'uff4mof', 'volume_A3'],
      ['relax', 'other', 'volume_A3'],
    ]);
    // A reference of nothing has no relative error.
    expect(scores[0]).toMatchObject({ mae: 1, mape_percent: null, n_within_10_percent: 0 });
  });
});

const CELL: CellRow = {
  structure_index: 0,
  task_index: 0,
  model_index: 0,
  structure_name: '=HYPERLINK("http://x")',
  status: 'COMPLETED',
  task_id: 'task_aaaaaaaaaaaaaaaa',
  earlier_task_ids: [],
  refusal: null,
  outcome: { figures: { converged: true, volume_A3: 90 }, warnings: ['a, "b"'], doubt: null },
  n_atoms: 8,
  formula: 'Cl4Na4',
  execution_time_seconds: 1.5,
  error: null,
};
const [RELAX] = CAMPAIGN.tasks;

function row(changes: Partial<CellRow> = {}): CampaignRow {
  if (RELAX === undefined) throw new Error('There is a first task.');
  const references = [
    { structure_name: 'x', quantity: 'volume_A3', value: 100 },
    { structure_name: 'x', quantity: 'bulk_modulus_GPa', value: 5 },
  ];
  return rowOf({ ...CELL, ...changes }, RELAX, 'uff4mof', references);
}

describe('a row', () => {
  test('compares_what_its_task_computes', () => {
    const [comparison, ...others] = row().comparisons;
    expect(others).toEqual([]);
    expect(comparison).toEqual({ quantity: 'volume_A3', value: 90, reference: 100, error: -10, error_percent: -10 });
  });

  test.each<[string, Partial<CellRow>, string | null]>([
    ['of a good result none', {}, null],
    [
      'of a refusal',
      { status: 'REFUSED', outcome: null, refusal: { code: 42203, message: 'No Og.' } },
      'No Og. (code 42203)',
    ],
    [
      'of what was never sent',
      { status: 'REFUSED', outcome: null, refusal: { code: null, message: 'Gone.' } },
      'Gone.',
    ],
    [
      'of a failure',
      { status: 'FAILED', outcome: null, error: { type: 'ModelError', message: 'It broke.', details: {} } },
      'ModelError: It broke.',
    ],
    ['of a deleted task', { status: 'DELETED' }, 'Its task was deleted.'],
    ['of a doubtful result', { outcome: { figures: {}, warnings: [], doubt: 'Not converged.' } }, 'Not converged.'],
  ])('gives the reason %s', (_what, changes, reason) => {
    expect(row(changes).reason).toBe(reason);
  });

  test('is_a_line_of_csv_that_no_spreadsheet_runs', () => {
    const columns = columnsOf(CAMPAIGN.tasks);
    expect(columns.map(({ name }) => name)).toEqual([
      ...Object.keys(KEY_FIGURES.optimization),
      ...Object.keys(KEY_FIGURES['bulk-modulus']),
    ]);
    const header = csvHeader(columns, ['volume_A3']).trimEnd().split(',');
    const line = csvRow(row(), columns, ['volume_A3']);
    expect(line.startsWith(`"'=HYPERLINK(""http://x"")",relax,optimization,uff4mof,COMPLETED,true,,8,Cl4Na4,`)).toBe(
      true,
    );
    expect(line.endsWith(`,100,-10,-10,"a, ""b"""\r\n`)).toBe(true);
    expect(header.at(-1)).toBe('warnings');
  });

  test('of_a_report_cannot_bring_markup_along', () => {
    const counts = progressOf([group('COMPLETED', 1, 1, 1)], 'ACTIVE', 1);
    const campaign = {
      campaign_id: 'campaign_aaaaaa',
      name: '<script>alert(1)</script>',
      created_at: '2026-01-01T00:00:00.000Z',
      n_structures: 1,
      n_cells: 1,
      ...CAMPAIGN,
      with_d3: false,
      priority: 'LOW' as const,
      timeout: null,
      max_attempts: 3,
      tags: [],
      ...counts,
      n_references: 1,
      waits_for: null,
    };
    const scores = [...scoresOf(CAMPAIGN, [compared({}), compared({ structure_name: 'b', reference: 50, value: 60 })])];
    const found = { scores, unmatched_references: [], n_unmatched_references: 0, structures_without_reference: [] };
    const html = renderReport(reportOf(campaign, [row({ structure_name: '<img src=x>' })], found, 'footer'));
    expect(html).not.toMatch(/<script|<img/);
    expect(html).toContain('&lt;img src=x&gt;');
    expect(html).toContain('Volume: relax, uff4mof');
  });
});

describe('figures', () => {
  test('of_a_result_that_is_none_are_an_error', () => {
    expect(() => outcomeOf('optimization', { converged: true }, 8)).toThrow();
  });

  test('of_a_single_point_are_its_numbers', () => {
    const result = { energy_eV: -8, energy_per_atom_eV: -1, n_atoms: 8, energy_components_eV: {}, warnings: ['w'] };
    expect(outcomeOf('single-point-energy', result, 8)).toEqual({
      figures: { energy_eV: -8, energy_per_atom_eV: -1, max_force_eV_A: null },
      warnings: ['w'],
      doubt: null,
    });
  });
});
