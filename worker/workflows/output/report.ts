// A report as one HTML file that stands alone: no script, no external asset, light and dark, prints on white. Pure.
import type { Structure } from '../../../contracts/structure.ts';
import { escapeHtml } from './escape-html.ts';
import { drawStructure } from './structure-drawing.ts';
import { renderPlot } from './svg-plot.ts';
import type { PlotSpec } from './svg-plot.ts';

export interface ReportRow {
  name: string;
  value: string;
  unit?: string;
}

export interface ReportTable {
  title: string;
  rows: readonly ReportRow[];
}

export interface Report {
  title: string;
  subtitle: string;
  /** The outcome in one sentence, and whether it is a good one. */
  verdict: { isGood: boolean; sentence: string };
  /** Drawn above everything else; null leaves the picture out. */
  structure: Structure | null;
  tables: Iterable<ReportTable>;
  plots: readonly PlotSpec[];
  warnings: readonly string[];
  footer: string;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b2330; --soft: #5b6675; --rule: #d9dee5; --paper: #ffffff; --line: #1f6feb; --good: #1a7f4b; --bad: #b54708; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #98a3b3; --rule: #333c49; --paper: #12161c; --line: #6aa5ff; --good: #4cc38a; --bad: #f5a524; } }
@media print { :root { color-scheme: light; --ink: #000; --soft: #444; --rule: #ccc; --paper: #fff; --line: #0b4fc4; --good: #0a5c33; --bad: #8a3500; } section { break-inside: avoid; } }
body { margin: 0 auto; max-width: 780px; padding: 32px 24px 48px; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 24px; line-height: 1.25; margin: 0; }
h2 { font-size: 15px; margin: 28px 0 8px; }
.subtitle, footer { color: var(--soft); margin: 4px 0 0; }
.verdict { margin: 20px 0 0; padding: 8px 12px; border-left: 3px solid var(--bad); }
.verdict.good { border-color: var(--good); }
table { border-collapse: collapse; width: 100%; }
td { padding: 4px 8px 4px 0; border-bottom: 1px solid var(--rule); }
td.value { text-align: right; font-variant-numeric: tabular-nums; }
td.unit { color: var(--soft); width: 22%; }
.structure { width: 100%; height: auto; margin-top: 12px; }
.structure circle { stroke: #0008; stroke-width: 0.5; }
.structure .bond { stroke-width: 2.5; stroke-linecap: round; }
.structure .edge { stroke: var(--soft); stroke-width: 0.8; }
.plot { width: 100%; height: auto; }
.plot text { fill: var(--ink); font-size: 12px; }
.plot .tick { fill: var(--soft); font-size: 11px; }
.plot .exponent { font-size: 8px; }
.plot .grid { stroke: var(--rule); stroke-width: 0.5; }
.plot .axis { stroke: var(--soft); fill: none; }
.plot .line { stroke-width: 1.6; fill: none; stroke-linejoin: round; }
.plot .dashed { stroke-dasharray: 6 4; }
.plot .color-0 { --color: var(--line); }
.plot .color-1 { --color: var(--bad); }
.plot .color-2 { --color: var(--good); }
.plot .color-3 { --color: var(--soft); }
.plot .line { stroke: var(--color); }
.plot .end { fill: var(--color); }
.plot .threshold { stroke: var(--good); stroke-dasharray: 5 4; }
.warnings li { margin: 4px 0; }
footer { margin-top: 32px; font-size: 12px; }
`.trim();

export function renderReport(report: Report): string {
  return [...reportParts(report)].join('\n');
}

/** Its lines, a plot or a table at a time: one of thousands of rows takes a while. */
export function* reportParts(report: Report): Generator<string> {
  const { title, subtitle, verdict, structure, tables, plots, warnings, footer } = report;
  const drawing = structure === null ? null : drawStructure(structure);
  yield* [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    // A report opened from disk can neither run a script nor reach a network, whatever a name in it contains.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>\n${STYLE}\n</style>`,
    '</head>',
    '<body>',
    `<header><h1>${escapeHtml(title)}</h1><p class="subtitle">${escapeHtml(subtitle)}</p></header>`,
    `<p class="verdict${verdict.isGood ? ' good' : ''}">${escapeHtml(verdict.sentence)}</p>`,
    ...(drawing === null ? [] : [`<section>${drawing}</section>`]),
  ];
  for (const plot of plots) yield `<section><h2>${escapeHtml(plot.title)}</h2>\n${renderPlot(plot)}</section>`;
  for (const table of tables) yield renderTable(table);
  if (warnings.length > 0) yield renderWarnings(warnings);
  yield* [`<footer>${escapeHtml(footer)}</footer>`, '</body>', '</html>', ''];
}

function renderTable(table: ReportTable): string {
  const rows = table.rows.map(
    ({ name, value, unit = '' }) =>
      `<tr><td>${escapeHtml(name)}</td><td class="value">${escapeHtml(value)}</td><td class="unit">${escapeHtml(unit)}</td></tr>`,
  );
  return `<section><h2>${escapeHtml(table.title)}</h2>\n<table>\n${rows.join('\n')}\n</table></section>`;
}

function renderWarnings(warnings: readonly string[]): string {
  const items = warnings.map((warning) => `<li>${escapeHtml(warning)}</li>`);
  return `<section><h2>Warnings</h2>\n<ul class="warnings">\n${items.join('\n')}\n</ul></section>`;
}
