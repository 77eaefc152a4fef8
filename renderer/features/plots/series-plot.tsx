// One curve over the steps of a task. uPlot draws; this component only hands it data, colors and size.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber, superscript } from '../../lib/format.ts';
import { axisNumber } from '../../components/plots/axis-number.ts';
import { cssColor } from '../../components/plots/css-color.ts';
import { decadeRange, isDecade, onLogScale } from './log-scale.ts';
import { thinSeries } from './thin-series.ts';

export interface SeriesPlotProps {
  label: string;
  steps: readonly number[];
  values: readonly number[];
  decimals: number;
  isLogarithmic: boolean;
  /** Redraws with the colors of the other theme. */
  theme: 'light' | 'dark';
  color: 'energy' | 'force';
}

export function SeriesPlot({ label, steps, values, decimals, isLogarithmic, theme, color }: SeriesPlotProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const seriesColor = color === 'energy' ? '--plot-energy' : '--plot-force';

  useEffect(() => {
    const container = host.current;
    if (container === null) return undefined;
    const grid = { stroke: cssColor('--plot-grid'), width: 1 };
    const axis = { stroke: cssColor('--text-quiet'), font: `11px ${cssColor('--font')}`, grid, ticks: grid };
    // uPlot's own names for it are a const enum, which isolated modules cannot read.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
    const distr: uPlot.Scale.Distr = isLogarithmic ? 3 : 1;
    const created = new uPlot(
      {
        width: Math.max(1, container.clientWidth),
        height: Math.max(1, container.clientHeight),
        legend: { show: false },
        cursor: { y: false, drag: { x: true, y: false }, points: { size: 6 } },
        scales: {
          x: { time: false },
          y: isLogarithmic ? { distr, range: (_self, lowest, highest) => decadeRange(lowest, highest) } : { distr },
        },
        axes: [
          { ...axis, size: 26, gap: 4, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000] },
          {
            ...axis,
            size: 58,
            gap: 4,
            // Decades only: the eight lines between them would be a gray band.
            ...(isLogarithmic
              ? { grid: { ...grid, filter: onlyDecades }, ticks: { ...grid, filter: onlyDecades }, filter: onlyDecades }
              : {}),
            values: (_self, ticks) =>
              ticks.map((tick: number | null) =>
                tick === null ? '' : isLogarithmic ? powerOfTen(tick) : axisNumber(tick),
              ),
          },
        ],
        series: [
          {},
          {
            label,
            stroke: cssColor(seriesColor),
            width: 1.75,
            points: { show: (_self, _series, first, last) => last - first < 40, size: 4 },
            value: (_self, value: number | null) => (value === null ? '–' : formatNumber(value, decimals)),
          },
        ],
      },
      [[], []],
      container,
    );
    plot.current = created;
    const observer = new ResizeObserver(() => {
      created.setSize({ width: Math.max(1, container.clientWidth), height: Math.max(1, container.clientHeight) });
    });
    observer.observe(container);
    return () => {
      observer.disconnect();
      created.destroy();
      plot.current = null;
    };
    // A new theme needs new colors, and uPlot takes them only at birth.
  }, [label, decimals, isLogarithmic, theme, seriesColor]);

  useEffect(() => {
    const container = host.current;
    if (plot.current === null || container === null) return;
    const kept = thinSeries(values, Math.max(100, container.clientWidth));
    const drawable = (value: number | undefined): number | null =>
      value === undefined ? null : isLogarithmic ? onLogScale(value) : value;
    plot.current.setData([kept.map((i) => steps[i] ?? i), kept.map((i) => drawable(values[i]))]);
  }, [steps, values, isLogarithmic, label, decimals, theme, seriesColor]);

  return <div className="series-plot-canvas" ref={host} data-points={values.length} />;
}

function onlyDecades(_self: uPlot, splits: number[]): (number | null)[] {
  return splits.map((value) => (isDecade(value) ? value : null));
}

function powerOfTen(value: number): string {
  return `10${superscript(Math.round(Math.log10(value)))}`;
}
