// The part of asciichart that we call; the package carries no types.
declare module 'asciichart' {
  interface PlotOptions {
    height?: number;
    format?: (value: number) => string;
  }
  const asciichart: { plot: (series: readonly number[], options?: PlotOptions) => string };
  export default asciichart;
}
