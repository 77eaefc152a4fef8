// From the relaxed volumes to the numbers of the result. Pure.
import type {
  BulkModulusParameters,
  BulkModulusResult,
  EquationOfStateFit,
  VolumePoint,
} from '../../../contracts/results/bulk-modulus.ts';
import { equationOfStateSchema } from '../../../contracts/results/bulk-modulus.ts';
import type { Cell, Structure } from '../../../contracts/structure.ts';
import { GPA_PER_EV_A3 } from '../../../contracts/units.ts';
import { cellParameters, volumeOf } from '../../structures/cell.ts';
import type { RelaxedInStage } from '../stages/relax-stage.ts';
import { TaskFailure } from '../task-failure.ts';
import { judge } from './criteria.ts';
import { fitEnergies, fitPressures } from './fit-equation.ts';
import { fittedCurve } from './fitted-curve.ts';
import { hydrostaticWarnings } from './secant-modulus.ts';

export interface BulkModulusOutcome {
  parameters: BulkModulusParameters;
  input: Structure;
  /** Before the strains; null when the input was strained as it is. */
  relaxed: RelaxedInStage | null;
  /** What was strained. */
  reference: Structure;
  /** V over the volume of the reference, rising. */
  ratios: readonly number[];
  points: readonly RelaxedInStage[];
  hydrostatic: BulkModulusResult['hydrostatic'];
}

export type BulkModulusNumbers = Omit<BulkModulusResult, 'final_structure'>;

/** @throws TaskFailure FitFailed when the curve has no minimum that the chosen equation describes */
export function analyzeBulkModulus(outcome: BulkModulusOutcome): BulkModulusNumbers {
  const { parameters, reference, hydrostatic } = outcome;
  const cell = cellOf(reference);
  const points = volumePoints(outcome);
  const { fit, fits } = fitAll(parameters, points);
  const figures = {
    parameters,
    relaxation: relaxationOf(outcome),
    reference_volume_A3: volumeOf(cell),
    points,
    fit,
    fits,
    pressure_check: checkPressures(fit, points),
  };
  const { criteria, warnings } = judge(figures);
  const volumes_A3 = points.map(({ volume_A3 }) => volume_A3);
  return {
    bulk_modulus_GPa: fit.bulk_modulus_GPa,
    bulk_modulus_error_GPa: fit.bulk_modulus_error_GPa,
    equilibrium_volume_A3: fit.equilibrium_volume_A3,
    equilibrium_energy_eV: fit.equilibrium_energy_eV,
    pressure_derivative: fit.pressure_derivative,
    fitting_method: fit.method,
    fit_rmse_eV: fit.fit_rmse_eV,
    r_squared: fit.r_squared,
    is_reliable: criteria.every(({ passed }) => passed),
    criteria,
    fits,
    pressure_check: figures.pressure_check,
    hydrostatic,
    points,
    curve: fittedCurve(fit, volumes_A3),
    volumes_A3,
    energies_eV: points.map(({ energy_eV }) => energy_eV),
    reference_volume_A3: figures.reference_volume_A3,
    volume_deviation_percent: 100 * (fit.equilibrium_volume_A3 / figures.reference_volume_A3 - 1),
    relaxation: figures.relaxation,
    cell_parameters: cellParameters(cell),
    n_atoms: reference.symbols.length,
    warnings: [...warnings, ...hydrostaticWarnings(hydrostatic, fit.bulk_modulus_GPa)],
  };
}

export function volumePoints({ ratios, points }: BulkModulusOutcome): VolumePoint[] {
  return points.map(({ structure, energy_eV, stress_eV_A3: stress, converged, steps, max_force_eV_A }, i) => {
    if (stress === null) throw new Error('A cell that is strained has a stress.');
    return {
      volume_ratio: ratios[i] ?? NaN,
      volume_A3: volumeOf(cellOf(structure)),
      energy_eV,
      pressure_GPa: (-GPA_PER_EV_A3 * (stress[0][0] + stress[1][1] + stress[2][2])) / 3,
      shear_stress_GPa: GPA_PER_EV_A3 * vonMises(stress),
      converged,
      steps,
      max_force_eV_A,
    };
  });
}

/** The stress that shear leaves of a tensor, in its unit: for a pull along one axis it is that pull. */
export function vonMises([[xx, xy, xz], [, yy, yz], [, , zz]]: Cell): number {
  const normal = (xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2;
  return Math.sqrt(normal / 2 + 3 * (xy ** 2 + yz ** 2 + xz ** 2));
}

function fitAll(
  { fitting_method }: BulkModulusParameters,
  points: readonly VolumePoint[],
): { fit: EquationOfStateFit; fits: EquationOfStateFit[] } {
  const fits = equationOfStateSchema.options
    .map((method) => fitEnergies(method, points))
    .filter((each) => each !== null);
  const fit = fits.find(({ method }) => method === fitting_method);
  if (fit !== undefined) return { fit, fits };
  const others = fits.map(({ method }) => method);
  const message =
    `The energies have no minimum that the equation of state "${fitting_method}" could describe; they are in eos.csv. ` +
    (others.length === 0
      ? 'Relax the structure first (relax_first), use a smaller strain_range, or check that the model holds it together.'
      : `These could be fitted: ${others.join(', ')}.`);
  throw new TaskFailure('FitFailed', message, {
    fitting_method,
    fitted: others,
    volumes_A3: points.map(({ volume_A3 }) => volume_A3),
    energies_eV: points.map(({ energy_eV }) => energy_eV),
  });
}

function checkPressures(fit: EquationOfStateFit, points: readonly VolumePoint[]): BulkModulusResult['pressure_check'] {
  const check = fitPressures(fit, points);
  if (check === null) return null;
  return { ...check, difference_percent: 100 * (check.bulk_modulus_GPa / fit.bulk_modulus_GPa - 1) };
}

function relaxationOf({ input, relaxed }: BulkModulusOutcome): BulkModulusResult['relaxation'] {
  if (relaxed === null) return null;
  const [initial, final] = [volumeOf(cellOf(input)), volumeOf(cellOf(relaxed.structure))];
  return {
    converged: relaxed.converged,
    steps: relaxed.steps,
    max_force_eV_A: relaxed.max_force_eV_A,
    initial_volume_A3: initial,
    final_volume_A3: final,
    volume_change_percent: 100 * (final / initial - 1),
  };
}

/** Submission refuses structures without a cell. */
export function cellOf({ cell }: Structure): Cell {
  if (cell === null) throw new TaskFailure('StructureError', 'A bulk modulus needs a structure with a cell.');
  return cell;
}
