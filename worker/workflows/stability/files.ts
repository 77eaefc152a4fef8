// The files of a finished stability task besides trajectory and samples, and the result that points at them.
import { join } from 'node:path';
import type { StabilityParameters, StabilityResult } from '../../../contracts/results/stability.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { renderReport } from '../output/report.ts';
import { structureFile } from '../output/structure-file.ts';
import type { WorkflowContext } from '../workflow.ts';
import type { StabilityFigures } from './analyze.ts';
import { stabilityReport } from './report.ts';
import { formatBondEvents, formatRdfs, formatSeries } from './tables.ts';

export interface StabilityOutcome {
  figures: StabilityFigures;
  /** One cell; null without a relaxation. */
  relaxed: Structure | null;
  /** The supercell at the end, or at the last good sample. */
  last: Structure;
  warnings: string[];
}

export async function writeStabilityFiles(
  context: WorkflowContext<StabilityParameters>,
  { figures, relaxed, last, warnings }: StabilityOutcome,
): Promise<StabilityResult> {
  const { folder, structure_name: name, task_id } = context;
  const url = (filename: string): string => `/files/${task_id}/${filename}`;
  const final = structureFile(last, name, figures.end_state === 'diverged' ? 'last_good' : 'final');
  const result: StabilityResult = {
    ...figures,
    final_structure: { format: final.format, content: final.content, file_url: url(final.filename) },
    trajectory_url: url('trajectory.xyz'),
    warnings,
  };
  const files = [
    final,
    ...(relaxed === null ? [] : [structureFile(relaxed, name, 'relaxed')]),
    { filename: 'series.csv', content: formatSeries(result) },
    { filename: 'bond_events.csv', content: formatBondEvents(result) },
    ...(result.rdf.length === 0 ? [] : [{ filename: 'rdf.csv', content: formatRdfs(result) }]),
    { filename: 'report.html', content: renderReport(stabilityReport(context, result, last)) },
  ];
  await Promise.all(files.map(({ filename, content }) => writeFileAtomic(join(folder, filename), content)));
  return result;
}
