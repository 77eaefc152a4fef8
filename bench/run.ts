// `npm run bench`: one line of JSON per case, with the peers found on this machine measured in the same run.
// `npm run bench -- --only uff4mof` runs the cases whose group has that name: uff4mof, md, mace, mace-md, d3, adsorption, bulk-modulus, heat-capacity,
// interaction-energy, service
// (all of service-start, service-load, service-database, service-clients, service-campaign, service-groups, service-memory, service-idle) or
// one of these,
// queue.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Structure } from '../contracts/structure.ts';
import { readStructure } from '../worker/cli/read-structure.ts';
import { locateKernel } from '../worker/kernel-client/locate-kernel.ts';
import { buildSupercell } from '../worker/structures/supercell.ts';
import { writeStructure } from '../worker/structures/write-structure.ts';
import { APPLICATION_VERSION } from '../worker/version.ts';
import { measureAdsorption } from './cases/adsorption.ts';
import { measureBulkModulus } from './cases/bulk-modulus.ts';
import { measureDispersion } from './cases/dispersion.ts';
import { measureInteractionEnergy } from './cases/interaction-energy.ts';
import { measureMaceMd } from './cases/mace-md.ts';
import { measureMace } from './cases/mace.ts';
import { measureQueue } from './cases/queue.ts';
import { SERVICE_CASES, measureInNewHome } from './cases/service.ts';
import { measureEnergyAndForces } from './cases/uff4mof-energy-forces.ts';
import { measureMd } from './cases/uff4mof-md.ts';
import { printMeasurement } from './measurement.ts';
import { measureWholeTask } from './whole-task.ts';

const resourcesFolder = join(import.meta.dirname, '..', 'resources');
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const isWanted = (group: string): boolean => values.only === undefined || values.only === group;

function versionOf(kernelPath: string): string {
  return spawnSync(kernelPath, ['--version'], { encoding: 'utf8' }).stdout.trim().replace('mofkernel ', '');
}

/** The kernel, and the two cells of MOF-5. */
async function mof5() {
  const kernelPath = locateKernel();
  const structures: Record<string, Structure> = {};
  for (const name of ['MOF-5_primitive', 'MOF-5'])
    structures[name] = (await readStructure(name, resourcesFolder)).structure;
  return { kernelPath, kernelVersion: versionOf(kernelPath), structures };
}

if (isWanted('uff4mof')) {
  const kernelPath = locateKernel();
  const version = versionOf(kernelPath);
  const { structure: mof5 } = await readStructure('MOF-5', resourcesFolder);
  const structures = { 'MOF-5': mof5, 'MOF-5 2x2x2': buildSupercell(mof5, [2, 2, 2]) };
  for (const [name, structure] of Object.entries(structures)) {
    const extxyz = writeStructure(structure, 'xyz', name);
    for (const nThreads of [1, 2]) {
      printMeasurement(
        measureEnergyAndForces({ kernelPath, kernelVersion: version, name, structure, extxyz, nThreads }),
      );
    }
  }
}
if (isWanted('md')) {
  const kernelPath = locateKernel();
  const { structure: mof5 } = await readStructure('MOF-5', resourcesFolder);
  for (const n of [1, 2, 4]) {
    const structure = buildSupercell(mof5, [n, n, n], 64 * mof5.symbols.length);
    const name = n === 1 ? 'MOF-5' : `MOF-5 ${n}x${n}x${n}`;
    const of = { kernelPath, kernelVersion: versionOf(kernelPath), name, structure, nThreads: 2 };
    for (const precision of ['float64', 'mixed'] as const) {
      const measurements = measureMd({ ...of, precision, extxyz: writeStructure(structure, 'xyz', name) });
      for (const measurement of measurements) printMeasurement(measurement);
    }
  }
}
if (isWanted('mace')) {
  for await (const measurement of measureMace(await mof5())) printMeasurement(measurement);
}
if (isWanted('mace-md')) {
  for await (const measurement of measureMaceMd(await mof5())) printMeasurement(measurement);
}
if (isWanted('d3')) {
  for (const measurement of measureDispersion(await mof5())) printMeasurement(measurement);
}
if (isWanted('bulk-modulus')) {
  const kernelPath = locateKernel();
  const { structure } = await readStructure('MOF-5_primitive', resourcesFolder);
  const options = { kernelPath, kernelVersion: versionOf(kernelPath), name: 'MOF-5_primitive', structure };
  printMeasurement(await measureBulkModulus(options));
}
if (isWanted('heat-capacity')) {
  const kernelPath = locateKernel();
  const { structure } = await readStructure('MOF-5_primitive', resourcesFolder);
  const task = { kernelPath, kernelVersion: versionOf(kernelPath), name: 'MOF-5_primitive', structure };
  const parameters = { supercell: [1, 1, 1] };
  const goal = 'the goal is below 20 s on two cores';
  printMeasurement(await measureWholeTask({ ...task, task_type: 'heat-capacity', parameters, goal }));
}
if (isWanted('interaction-energy')) {
  const kernelPath = locateKernel();
  const { structure } = await readStructure('MOF-5', resourcesFolder);
  const options = { kernelPath, kernelVersion: versionOf(kernelPath), name: 'MOF-5', structure };
  printMeasurement(await measureInteractionEnergy(options));
}
if (isWanted('adsorption')) {
  const kernelPath = locateKernel();
  const { structure: framework } = await readStructure('MOF-5', resourcesFolder);
  const options = { kernelPath, kernelVersion: versionOf(kernelPath), resourcesFolder, name: 'MOF-5', framework };
  for (const measurement of await measureAdsorption(options)) printMeasurement(measurement);
}
for (const [name, measure] of Object.entries(SERVICE_CASES)) {
  if (!isWanted('service') && !isWanted(name)) continue;
  for (const measurement of await measureInNewHome(measure, APPLICATION_VERSION)) printMeasurement(measurement);
}
if (isWanted('queue')) {
  for (const measurement of measureQueue(APPLICATION_VERSION)) printMeasurement(measurement);
}
