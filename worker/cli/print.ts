// Output for people and for programs. Programs read stdout; progress and warnings go to stderr.

/** One line, every number with all its digits. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value));
}

/** Columns padded to their widest cell. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const nColumns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: nColumns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function printTable(rows: readonly (readonly string[])[]): void {
  console.log(formatTable(rows));
}

export function printWarnings(warnings: readonly string[]): void {
  for (const warning of warnings) console.error(`warning: ${warning}`);
}
