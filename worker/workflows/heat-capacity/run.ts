// Computes a heat capacity by one of two methods, and writes its files.
import { join } from 'node:path';
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import { writeFileAtomic } from '../../store/write-file.ts';
import { APPLICATION_VERSION } from '../../version.ts';
import { GrowingFile } from '../output/growing-file.ts';
import { renderReport } from '../output/report.ts';
import { analyzePhonons } from './analyze-phonons.ts';
import { runFluctuations } from './fluctuations.ts';
import { followImaginaryModes } from './follow-modes.ts';
import { computeVibrations } from './phonon-stages.ts';
import type { ComputedForceConstants } from './phonon-stages.ts';
import { phononWarnings } from './phonon-warnings.ts';
import { forceConstantLines, MOST_BLOCKS, phonopyYaml } from './phonopy-files.ts';
import { heatCapacityReport } from './report.ts';
import { commonResult, NO_DYNAMICS } from './result.ts';
import { prepareStart, relaxUnitCell } from './start.ts';
import type { HeatCapacityContext, Start } from './start.ts';
import { dosCsv, thermalCsv } from './tables.ts';
import { temperaturesOf } from './temperatures.ts';

/** Per cent of a task that are done after each stage; phonons spend about as much on each. */
const PHONON_PROGRESS = { relaxed: 35, displaced: 70, analyzed: 99 } as const;
const DYNAMICS_PROGRESS = { relaxed: 5 } as const;

export async function runHeatCapacity(context: HeatCapacityContext): Promise<HeatCapacityResult> {
  const result = await (context.parameters.method === 'phonon' ? runPhonons(context) : runDynamics(context));
  for (const warning of result.warnings) context.reporter.log('WARNING', warning);
  await writeTables(context, result);
  return result;
}

async function runDynamics(context: HeatCapacityContext): Promise<HeatCapacityResult> {
  const { relaxed } = DYNAMICS_PROGRESS;
  const start = await prepareStart(context, await relaxUnitCell(context, relaxed));
  return runFluctuations(context, start, relaxed);
}

async function runPhonons(context: HeatCapacityContext): Promise<HeatCapacityResult> {
  const { relaxed, displaced, analyzed } = PHONON_PROGRESS;
  const unitCell = await relaxUnitCell(context, relaxed);
  const end = await followImaginaryModes(context, unitCell, { from: relaxed, to: displaced });
  const start = await prepareStart(context, end.unitCell);
  const { computed } = end;
  const fileWarnings = await writePhonopyFiles(context, start, computed);
  const vibrations = await computeVibrations(context, computed, { from: displaced, to: analyzed });
  const temperatures = temperaturesOf(context.parameters);
  const copies = start.structure.symbols.length / computed.matrix.nPrimitive;
  const numbers = analyzePhonons(computed, vibrations, temperatures, copies);
  return {
    method: 'phonon',
    ...numbers,
    ...commonResult(start, temperatures, numbers.heat_capacities),
    ...NO_DYNAMICS,
    warnings: [
      ...new Set([...start.warnings, ...phononWarnings(computed, numbers, { ...context, copies }), ...fileWarnings]),
    ],
  };
}

/** @returns a warning where the matrix is too large for a text file */
async function writePhonopyFiles(
  { folder, parameters }: HeatCapacityContext,
  { structure, repeats }: Start,
  { cells, matrix }: ComputedForceConstants,
): Promise<string[]> {
  const { displacement_A } = parameters;
  const program = `MOFSimBench ${APPLICATION_VERSION}`;
  await writeFileAtomic(
    join(folder, 'phonopy.yaml'),
    phonopyYaml(structure, repeats, cells, { displacement_A, program }),
  );
  if (matrix.nPrimitive * matrix.nSupercell > MOST_BLOCKS) {
    return [
      `FORCE_CONSTANTS was not written: ${matrix.nPrimitive} x ${matrix.nSupercell} blocks are too many for a text.`,
    ];
  }
  const file = await GrowingFile.open(join(folder, 'FORCE_CONSTANTS'));
  try {
    for (const lines of forceConstantLines(structure, repeats, cells, matrix)) await file.append(lines);
  } finally {
    await file.close();
  }
  return [];
}

async function writeTables(context: HeatCapacityContext, result: HeatCapacityResult): Promise<void> {
  const { folder } = context;
  await writeFileAtomic(join(folder, 'thermal.csv'), thermalCsv(result));
  if (result.dos !== null) await writeFileAtomic(join(folder, 'dos.csv'), dosCsv(result.dos));
  await writeFileAtomic(join(folder, 'report.html'), renderReport(heatCapacityReport(context, result)));
}
