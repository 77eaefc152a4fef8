// Curves and points of a result over any abscissa. uPlot draws; the data never grow.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { alignSeries } from './align-series.ts';
import type { XySeries } from './align-series.ts';
import { axisNumber } from './axis-number.ts';
import { cssColor } from './css-color.ts';
import './xy-plot.css';

const COLORS = ['--plot-energy', '--plot-force', '--text-soft', '--bad'] as const;

export interface XyPlotProps {
  title: string;
  xLabel: string;
  yLabel: string;
  series: readonly XySeries[];
  /** Redraws with the colors of the other theme. */
  theme: 'light' | 'dark';
}

export function XyPlot({ title, xLabel, yLabel, series, theme }: XyPlotProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const container = host.current;
    if (container === null) return undefined;
    const aligned = alignSeries(series);
    const created = new uPlot(optionsFor(container, series, xLabel, yLabel), [aligned.x, ...aligned.y], container);
    const observer = new ResizeObserver(() => {
      created.setSize(sizeOf(container));
    });
    observer.observe(container);
    return () => {
      observer.disconnect();
      created.destroy();
    };
    // A new theme needs new colors, and uPlot takes them only at birth.
  }, [series, xLabel, yLabel, theme]);

  const named = series.flatMap(({ name }, i) => (name === undefined ? [] : [{ name, color: colorOf(i) }]));
  return (
    <figure className="xy-plot" data-plot={title}>
      <figcaption>
        <span>{title}</span>
        {named.length > 1 && (
          <span className="xy-plot-legend">
            {named.map(({ name, color }) => (
              <span key={name}>
                <i style={{ background: `var(${color})` }} /> {name}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div className="xy-plot-canvas" ref={host} role="img" aria-label={title} />
    </figure>
  );
}

function colorOf(index: number): (typeof COLORS)[number] {
  return COLORS[index % COLORS.length] ?? COLORS[0];
}

function sizeOf(container: HTMLElement): { width: number; height: number } {
  return { width: Math.max(1, container.clientWidth), height: Math.max(1, container.clientHeight) };
}

function optionsFor(
  container: HTMLElement,
  series: readonly XySeries[],
  xLabel: string,
  yLabel: string,
): uPlot.Options {
  const grid = { stroke: cssColor('--plot-grid'), width: 1 };
  const font = `11px ${cssColor('--font')}`;
  const axis = {
    stroke: cssColor('--text-quiet'),
    font,
    labelFont: font,
    grid,
    ticks: grid,
    gap: 4,
    labelSize: 16,
    values: (_self: uPlot, ticks: number[]) => ticks.map(axisNumber),
  };
  return {
    ...sizeOf(container),
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false }, points: { size: 6 } },
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 26, label: xLabel },
      { ...axis, size: 58, label: yLabel },
    ],
    series: [
      {},
      ...series.map(({ name = '', mark }, i): uPlot.Series => {
        const color = cssColor(colorOf(i));
        const isPoints = mark === 'points';
        return {
          label: name,
          stroke: color,
          width: isPoints ? 0 : 1.75,
          spanGaps: true,
          points: { show: isPoints, size: 6, fill: color },
          ...(mark === 'dashed' ? { dash: [6, 4] } : {}),
          ...(isPoints ? { paths: () => null } : {}),
        };
      }),
    ],
  };
}
