// The bulk modulus of a cell that may change its shape: its volume at two pressures. The curve of energies keeps the shape, which is stiffer.
import type { BulkModulusParameters } from '../../../contracts/results/bulk-modulus.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import { volumeOf } from '../../structures/cell.ts';
import { relaxStage } from '../stages/relax-stage.ts';
import type { WorkflowContext } from '../workflow.ts';
import { cellOf } from './analyze.ts';
import { relaxPlan } from './plan.ts';
import { secantModulus } from './secant-modulus.ts';
import type { Hydrostatic } from './secant-modulus.ts';

/**
 * Atoms and full cell relaxed at plus and minus the pressure, as one batch.
 *
 * @param reference the relaxed structure; types, bonds and charges are those of the task's input
 * @param progress per cent of the task before and after
 */
export async function relaxUnderPressure(
  context: WorkflowContext<BulkModulusParameters>,
  reference: Structure,
  progress: { from: number; to: number },
): Promise<Hydrostatic> {
  const { parameters, structure, reporter } = context;
  const { hydrostatic_pressure_GPa: pressure_GPa } = parameters;
  reporter.stage('press');
  const { structures } = await relaxStage(context, {
    name: 'press',
    structures: [reference, reference],
    settings: relaxPlan(parameters, 'full'),
    details: { pressures_eV_A3: [pressure_GPa, -pressure_GPa].map((pressure) => pressure / GPA_PER_EV_A3) },
    topology: structure,
    progress,
  });
  const [pressed, pulled] = [elementAt(structures, 0, 'structure'), elementAt(structures, 1, 'structure')];
  const volumes = { pressed: volumeOf(cellOf(pressed.structure)), pulled: volumeOf(cellOf(pulled.structure)) };
  return {
    pressure_GPa,
    bulk_modulus_GPa: secantModulus(pressure_GPa, volumes),
    volumes_A3: [volumes.pressed, volumes.pulled],
    converged: pressed.converged && pulled.converged,
  };
}
