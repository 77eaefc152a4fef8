import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Structure } from '../../../contracts/structure.ts';
import { formatCsv } from './csv.ts';
import { formatTrajectoryFrame } from './extended-xyz.ts';
import { renderReport } from './report.ts';
import { drawStructure } from './structure-drawing.ts';
import { renderPlot } from './svg-plot.ts';
import { thinSeries } from './thin-series.ts';
import { formatTick, linearTicks, logTicks } from './ticks.ts';

describe('extended XYZ', () => {
  it('a_frame_carries_lattice_energy_forces_and_a_symmetric_stress', () => {
    const text = formatTrajectoryFrame({
      structure: {
        cell: [
          [5, 0, 0],
          [1, 4, 0],
          [0, 0, 1 / 3],
        ],
        pbc: [true, true, false],
        symbols: ['Zn', 'O'],
        positions: [
          [0, -0, 1e-20],
          [1, 2, 3],
        ],
      },
      step: 7,
      energy_eV: -0.1,
      forces_eV_A: [
        [1, 2, 3],
        [-1, -2, -3],
      ],
      stress_voigt_eV_A3: [1, 2, 3, 4, 5, 6],
    });
    expect(text.split('\n')).toEqual([
      '2',
      'Lattice="5 0 0 1 4 0 0 0 0.3333333333333333" Properties=species:S:1:pos:R:3:forces:R:3 energy=-0.1 ' +
        'stress="1 6 5 6 2 4 5 4 3" pbc="T T F" step=7',
      'Zn 0 -0 1e-20 1 2 3',
      'O 1 2 3 -1 -2 -3',
      '',
    ]);
  });

  it('a_molecule_has_no_lattice', () => {
    const text = formatTrajectoryFrame({
      structure: { cell: null, pbc: [false, false, false], symbols: ['H'], positions: [[0, 0, 0]] },
      step: 0,
      energy_eV: 0,
      forces_eV_A: [[0, 0, 0]],
      stress_voigt_eV_A3: null,
    });
    expect(text).not.toContain('Lattice');
    expect(text).not.toContain('stress');
    expect(text).toContain('pbc="F F F"');
  });
});

it('csv_leaves_missing_values_empty', () => {
  expect(formatCsv(['a', 'b'], [[1 / 3, null]])).toBe('a,b\n0.3333333333333333,\n');
});

describe('ticks', () => {
  it('linear_ticks_are_round_and_inside', () => {
    expect(linearTicks(0, 100, 5)).toEqual([0, 20, 40, 60, 80, 100]);
    expect(linearTicks(-1.3, 0.4, 4)).toEqual([-1, -0.5, 0]);
    expect(linearTicks(3, 3, 5)).toEqual([3]);
  });

  it('log_ticks_are_decades', () => {
    expect(logTicks(1e-3, 10, 7)).toEqual([0.001, 0.01, 0.1, 1, 10]);
    expect(logTicks(1e-8, 1, 4)).toHaveLength(3);
  });

  it.each([
    [0.25, 0.05, '0.25'],
    [1500, 500, '1500'],
    [0, 0.1, '0'],
    [2e-5, 1e-5, '2e-5'],
    [153.125, 0.005, '153.125'],
  ])('formats %d at steps of %d', (value, step, text) => {
    expect(formatTick(value, step)).toBe(text);
  });
});

describe('thinSeries', () => {
  it('keeps_the_ends_and_every_extreme', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 500 }),
        (ys) => {
          const points = ys.map((y, x) => ({ x, y }));
          const thinned = thinSeries(points, 40);
          expect(thinned.length).toBeLessThanOrEqual(42);
          expect(thinned[0]).toBe(points[0]);
          expect(thinned.at(-1)).toBe(points.at(-1));
          expect(Math.max(...thinned.map(({ y }) => y))).toBe(Math.max(...ys));
          expect(Math.min(...thinned.map(({ y }) => y))).toBe(Math.min(...ys));
        },
      ),
    );
  });
});

describe('renderPlot', () => {
  it.each([
    ['linear', 'from-zero'],
    ['linear', 'data'],
    ['log', 'from-zero'],
    ['log', 'data'],
  ] as const)('a_%s_plot_%s_has_only_finite_coordinates', (yScale, xRange) => {
    const number = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(fc.array(number, { maxLength: 60 }), fc.option(number, { nil: undefined }), (ys, threshold) => {
        const svg = renderPlot({
          title: 'Energy',
          xLabel: 'Step',
          yLabel: 'Energy (eV)',
          yScale,
          xRange,
          series: [
            { name: 'one', mark: 'line', points: ys.map((y, x) => ({ x, y })) },
            { name: 'two', mark: 'points', points: ys.map((x, y) => ({ x, y })) },
          ],
          ...(threshold === undefined ? {} : { threshold: { value: threshold, label: 'fmax' } }),
        });
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a plot of two series', () => {
  const spec = { title: 'E(V)', xLabel: 'V', yLabel: 'E', yScale: 'linear', xRange: 'data' } as const;
  const curve = { name: 'fit', mark: 'line', points: [100, 101, 102].map((x) => ({ x, y: (x - 101) ** 2 })) } as const;
  const points = { name: 'points', mark: 'points', points: curve.points } as const;

  it('puts_the_points_on_the_line_and_names_both', () => {
    const svg = renderPlot({ ...spec, series: [curve, points] });
    const path = /class="line line color-0" d="M([\d.]+) ([\d.]+)/.exec(svg);
    expect(svg).toContain(`<circle class="end color-1" cx="${path?.[1] ?? ''}" cy="${path?.[2] ?? ''}"`);
    expect(svg).toMatch(/>fit<.*\n.*>points</);
  });

  it('a_data_range_begins_near_the_first_point', () => {
    const svg = renderPlot({ ...spec, series: [curve] });
    expect(svg).toContain('>100.5<');
    expect(svg).not.toContain('>fit<');
  });
});

describe('drawStructure', () => {
  const cube: Structure = {
    cell: [
      [4, 0, 0],
      [0, 4, 0],
      [0, 0, 4],
    ],
    pbc: [true, true, true],
    symbols: ['C', 'C', 'H'],
    positions: [
      [0.5, 2, 2],
      [3.5 + 8, 2, 2],
      [2, 2, 0],
    ],
  };

  it('a_bond_through_the_boundary_is_two_halves_that_end_in_the_open', () => {
    const svg = drawStructure(cube) ?? '';
    expect(svg.match(/<circle/g)).toHaveLength(3);
    // Only the two carbon atoms are bonded, 1 A apart through the face.
    expect(svg.match(/class="bond"/g)).toHaveLength(2);
    expect(svg.match(/class="edge"/g)).toHaveLength(12);
  });

  it('everything_lies_inside_the_picture', () => {
    const svg = drawStructure(cube) ?? '';
    const xs = [...svg.matchAll(/[ML](\S+) /g)].map((match) => Number(match[1]));
    expect(xs).toHaveLength(2 * 14);
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...xs)).toBeLessThanOrEqual(720);
  });

  it('one_atom_without_a_cell_is_drawn_and_a_crowd_is_not', () => {
    const atom: Structure = { cell: null, pbc: [false, false, false], symbols: ['Zn'], positions: [[1, 1, 1]] };
    expect(drawStructure(atom)).toMatch(/<circle cx="360.0" cy="210.0"/);
    const crowd = Array.from({ length: 2000 }, (_, i) => i);
    expect(
      drawStructure({ ...cube, symbols: crowd.map(() => 'C'), positions: crowd.map((i) => [0, 0, i]) }),
    ).toBeNull();
  });
});

describe('renderReport', () => {
  const report = renderReport({
    title: 'Optimization of <script>alert(1)</script>',
    subtitle: '106 atoms',
    verdict: { isGood: false, sentence: 'Not converged' },
    structure: null,
    tables: [{ title: 'Result', rows: [{ name: 'a & b', value: '1', unit: 'eV' }] }],
    plots: [],
    warnings: ['"quoted"'],
    footer: '',
  });

  it('names_from_users_are_text_and_never_markup', () => {
    expect(report).not.toContain('<script');
    expect(report).toContain('&lt;script&gt;');
    expect(report).toContain('a &amp; b');
    expect(report).toContain('&quot;quoted&quot;');
  });

  it('nothing_is_loaded_from_outside', () => {
    expect(report).not.toMatch(/https?:|src=|url\(|@import/);
    expect(report).toContain("default-src 'none'");
  });
});
