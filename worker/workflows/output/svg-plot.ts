// A plot of lines and points as inline SVG: axes, units, ticks, linear or logarithmic. Colors come from the page's style. Pure.
import { escapeHtml } from './escape-html.ts';
import { thinSeries } from './thin-series.ts';
import type { SeriesPoint } from './thin-series.ts';
import { formatTick, linearTicks, logTicks } from './ticks.ts';

const WIDTH = 720;
const HEIGHT = 280;
const LEFT = 96;
const RIGHT = 16;
const TOP = 16;
const BOTTOM = 48;
const MAX_POINTS = 1500;
const LEGEND_ROW = 16;
/** Colors of the page's style: `color-0` and so on. */
const N_COLORS = 4;

export interface PlotSeries {
  /** For the legend, which is there when two series or more have names. */
  name?: string;
  points: readonly SeriesPoint[];
  mark: 'line' | 'dashed' | 'points';
}

export interface PlotSpec {
  title: string;
  xLabel: string;
  yLabel: string;
  yScale: 'linear' | 'log';
  /** `from-zero`: of steps and times, the default; `data`: from the smallest to the largest. */
  xRange?: 'from-zero' | 'data';
  /** Drawn in this order; the first has the strongest color. */
  series: readonly PlotSeries[];
  /** A dashed horizontal line, such as the threshold asked for. */
  threshold?: { value: number; label: string };
}

interface Axis {
  toPixel: (value: number) => number;
  ticks: number[];
  tickStep: number;
}

export function renderPlot(spec: PlotSpec): string {
  const series = spec.series.map((each) => ({ ...each, points: drawable(each.points, spec) }));
  const points = series.flatMap((each) => each.points);
  if (points.length === 0) return `<p class="empty">${escapeHtml(spec.title)}: nothing to draw.</p>`;

  const axes = { x: xAxis(points, spec), y: yAxis(points, spec) };
  const { x, y } = axes;
  return [
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(spec.title)}">`,
    ...x.ticks.map((tick) => renderXTick(x.toPixel(tick), formatTick(tick, x.tickStep))),
    ...y.ticks.map((tick) => renderYTick(y.toPixel(tick), tickLabel(tick, y, spec))),
    `<path class="axis" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}"/>`,
    ...(spec.threshold === undefined ? [] : [renderThreshold(y.toPixel(spec.threshold.value), spec.threshold.label)]),
    ...series.map((each, i) => renderSeries(each, i % N_COLORS, axes)),
    ...renderLegend(series),
    `<text class="label" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escapeHtml(spec.xLabel)}</text>`,
    `<text class="label" transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(spec.yLabel)}</text>`,
    '</svg>',
  ].join('\n');
}

function drawable(points: readonly SeriesPoint[], { yScale }: PlotSpec): SeriesPoint[] {
  const finite = points.filter(
    ({ x, y }) => Number.isFinite(x) && Number.isFinite(y) && (yScale === 'linear' || y > 0),
  );
  return thinSeries(finite, MAX_POINTS);
}

/** A line ends in a dot: where it has got to. */
function renderSeries({ points, mark }: PlotSeries, color: number, { x, y }: { x: Axis; y: Axis }): string {
  const places = points.map((point) => [pixel(x.toPixel(point.x)), pixel(y.toPixel(point.y))] as const);
  const dot = ([cx, cy]: readonly [string, string]) =>
    `<circle class="end color-${color}" cx="${cx}" cy="${cy}" r="3"/>`;
  if (mark === 'points') return places.map(dot).join('');
  const path = places.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px} ${py}`).join('');
  const line = `<path class="line ${mark} color-${color}" d="${path}"/>`;
  const last = places.at(-1);
  return mark === 'dashed' || last === undefined ? line : `${line}\n${dot(last)}`;
}

/** In the upper right corner, over whatever is there: names are short. */
function renderLegend(series: readonly PlotSeries[]): string[] {
  const named = series.flatMap(({ name }, i) => (name === undefined ? [] : [{ name, color: i % N_COLORS }]));
  if (named.length < 2) return [];
  return named.map(({ name, color }, row) => {
    const y = TOP + 12 + row * LEGEND_ROW;
    return (
      `<circle class="end color-${color}" cx="${WIDTH - RIGHT - 8}" cy="${y - 4}" r="4"/>` +
      `<text class="tick" x="${WIDTH - RIGHT - 18}" y="${y}" text-anchor="end">${escapeHtml(name)}</text>`
    );
  });
}

function xAxis(points: readonly SeriesPoint[], { xRange = 'from-zero' }: PlotSpec): Axis {
  const values = points.map(({ x }) => x);
  const isCounted = xRange === 'from-zero' && values.every(Number.isInteger);
  const [low, high] = xRange === 'from-zero' ? [0, largest(values, isCounted ? 1 : 0) || 1] : linearRange(values);
  const ticks = linearTicks(low, high, 8).filter((tick) => !isCounted || Number.isInteger(tick));
  return {
    toPixel: (value) => LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - RIGHT),
    ticks,
    tickStep: stepOf(ticks),
  };
}

function largest(values: readonly number[], atLeast: number): number {
  return values.reduce((a, b) => Math.max(a, b), atLeast);
}

function yAxis(points: readonly SeriesPoint[], spec: PlotSpec): Axis {
  const values = [...points.map(({ y }) => y), ...(spec.threshold === undefined ? [] : [spec.threshold.value])];
  const [low, high] = spec.yScale === 'log' ? logRange(values) : linearRange(values);
  const transform = spec.yScale === 'log' ? Math.log10 : (value: number) => value;
  const [bottom, top] = [transform(low), transform(high)];
  const ticks = spec.yScale === 'log' ? logTicks(low, high, 7) : linearTicks(low, high, 8);
  return {
    toPixel: (value) => HEIGHT - BOTTOM - ((transform(value) - bottom) / (top - bottom)) * (HEIGHT - BOTTOM - TOP),
    ticks,
    tickStep: stepOf(ticks),
  };
}

/** Five per cent of air above and below; a flat series gets a range of its own size. */
function linearRange(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const margin = high > low ? 0.05 * (high - low) : Math.max(1e-6, 0.05 * Math.abs(high));
  return [low - margin, high + margin];
}

/** Whole decades. */
function logRange(values: readonly number[]): [number, number] {
  const low = 10 ** Math.floor(Math.log10(values.reduce((a, b) => Math.min(a, b))));
  const high = 10 ** Math.ceil(Math.log10(values.reduce((a, b) => Math.max(a, b))));
  return high > low ? [low, high] : [low, 10 * low];
}

function stepOf(ticks: readonly number[]): number {
  const [first = 0, second = first + 1] = ticks;
  return second - first;
}

function tickLabel(tick: number, axis: Axis, spec: PlotSpec): string {
  if (spec.yScale === 'linear') return escapeHtml(formatTick(tick, axis.tickStep));
  return `10<tspan class="exponent" dy="-5">${Math.round(Math.log10(tick))}</tspan>`;
}

function renderXTick(x: number, label: string): string {
  return (
    `<path class="grid" d="M${pixel(x)} ${TOP}V${HEIGHT - BOTTOM}"/>` +
    `<text class="tick" x="${pixel(x)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${label}</text>`
  );
}

function renderYTick(y: number, label: string): string {
  return (
    `<path class="grid" d="M${LEFT} ${pixel(y)}H${WIDTH - RIGHT}"/>` +
    `<text class="tick" x="${LEFT - 8}" y="${pixel(y + 4)}" text-anchor="end">${label}</text>`
  );
}

/** The label stands under the line on the left: relaxations start far above their threshold. */
function renderThreshold(y: number, label: string): string {
  return (
    `<path class="threshold" d="M${LEFT} ${pixel(y)}H${WIDTH - RIGHT}"/>` +
    `<text class="tick" x="${LEFT + 6}" y="${pixel(y + 14)}">${escapeHtml(label)}</text>`
  );
}

function pixel(value: number): string {
  return value.toFixed(1);
}
