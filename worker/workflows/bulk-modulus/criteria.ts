// When a bulk modulus can be relied on, and what to do when it cannot. Pure.
import type {
  BulkModulusParameters,
  BulkModulusResult,
  EquationOfStateFit,
  VolumePoint,
} from '../../../contracts/results/bulk-modulus.ts';

export type Criterion = BulkModulusResult['criteria'][number];

export interface Figures {
  parameters: BulkModulusParameters;
  /** Of the relaxation before the strains; null when there was none. */
  relaxation: BulkModulusResult['relaxation'];
  reference_volume_A3: number;
  points: readonly VolumePoint[];
  /** The one of the headline. */
  fit: EquationOfStateFit;
  fits: readonly EquationOfStateFit[];
  pressure_check: BulkModulusResult['pressure_check'];
}

interface Judged extends Omit<Criterion, 'passed'> {
  /** Told when the value is outside of the limits. */
  warning: string;
}

/** As the benchmark: beyond it a fit is called unstable and excluded. */
const MAX_VOLUME_DEVIATION_PERCENT = 1;
/** The two ways to the modulus share model and points; more than rounding and unconverged forces should not part them. */
const MAX_PRESSURE_DIFFERENCE_PERCENT = 5;
const MAX_ERROR_PERCENT = 5;
/** The equations differ in their fourth order only: a larger spread says that the range is too wide for any of them, or the curve too rough. */
const MAX_SPREAD_PERCENT = 5;
/** Of the range of the energies. */
const MAX_RMSE_PERCENT = 2;
/** Dense solids have 2 to 8; open frameworks may soften under pressure, which is a negative one. */
const DERIVATIVE_LIMITS: [number, number] = [-10, 20];
/** What atoms that stop at fmax leave of the energies' smoothness, eV. */
const ENERGY_NOISE_EV = 4e-6;
/** Of the largest pressure: beyond it the cell would rather change its shape. */
const MAX_SHEAR_PART = 0.5;

export function judge(figures: Figures): { criteria: Criterion[]; warnings: string[] } {
  const judged = [...relaxationCriteria(figures), ...curveCriteria(figures), ...fitCriteria(figures)];
  const isPassed = ({ value, limits: [low, high] }: Judged): boolean => value !== null && value >= low && value <= high;
  return {
    criteria: judged.map(({ name, value, limits, ...rest }) => {
      return { name, value, limits, passed: isPassed({ name, value, limits, ...rest }) };
    }),
    warnings: [
      ...judged.filter((each) => !isPassed(each)).map(({ warning }) => warning),
      ...shearWarnings(figures.points),
    ],
  };
}

function relaxationCriteria({ parameters, relaxation, points }: Figures): Judged[] {
  const { fmax, max_steps } = parameters;
  const open = points.filter(({ converged }) => !converged);
  const worst = Math.max(0, ...open.map(({ max_force_eV_A }) => max_force_eV_A));
  return [
    ...(relaxation === null
      ? []
      : [
          {
            name: 'relaxation_converged' as const,
            value: relaxation.converged ? 1 : 0,
            limits: [1, 1] as [number, number],
            warning:
              `The relaxation before the strains did not converge: after ${relaxation.steps} steps the largest force on an ` +
              `atom is ${relaxation.max_force_eV_A.toPrecision(3)} eV/A; atoms and cell were to reach ${fmax} eV/A. Raise max_steps (now ${max_steps}), ` +
              `or start from an optimized structure.`,
          },
        ]),
    {
      name: 'points_converged',
      value: points.length - open.length,
      limits: [points.length, points.length],
      warning:
        `${open.length} of ${points.length} volumes did not converge (largest force ${worst.toPrecision(3)} eV/A): their energies ` +
        `are too high and bend the curve. Raise max_steps (now ${max_steps}).`,
    },
  ];
}

function curveCriteria({ points, fit, reference_volume_A3: reference }: Figures): Judged[] {
  const ratios = points.map(({ volume_ratio }) => volume_ratio);
  const ratio = fit.equilibrium_volume_A3 / reference;
  const energies = points.map(({ energy_eV }) => energy_eV);
  const range = Math.max(...energies) - Math.min(...energies);
  const nConcave = concavePoints(energies);
  return [
    {
      name: 'minimum_inside_range',
      value: ratio,
      limits: [ratios[1] ?? NaN, ratios.at(-2) ?? NaN],
      warning:
        `The minimum of the curve (${ratio.toFixed(4)} of the strained volume) is at the edge of the points or outside of them: ` +
        `the modulus is extrapolated. Relax the structure first, or raise strain_range.`,
    },
    {
      name: 'curve_is_convex',
      value: nConcave,
      limits: [0, 0],
      warning:
        `The energies are not one valley: at ${nConcave} ${nConcave === 1 ? 'point' : 'points'} the curve bends downwards. ` +
        `The framework changes to another arrangement between volumes; use a smaller strain_range, or look at strained.xyz.`,
    },
    {
      name: 'fit_rmse_percent',
      value: range > 0 ? (100 * fit.fit_rmse_eV) / range : null,
      limits: [0, MAX_RMSE_PERCENT],
      warning:
        `The curve misses the energies by ${fit.fit_rmse_eV.toPrecision(3)} eV on average, more than ${MAX_RMSE_PERCENT} % of their ` +
        `range: it has a kink or is rough. Lower fmax, or use a smaller strain_range.`,
    },
  ];
}

/** Inner points at which the second difference is negative beyond what unconverged forces explain. */
function concavePoints(energies: readonly number[]): number {
  return energies.filter((energy, i) => {
    const [before, after] = [energies[i - 1], energies[i + 1]];
    return before !== undefined && after !== undefined && before - 2 * energy + after < -ENERGY_NOISE_EV;
  }).length;
}

function fitCriteria(figures: Figures): Judged[] {
  const { parameters, fit, pressure_check: check, reference_volume_A3: reference } = figures;
  const deviation = 100 * (fit.equilibrium_volume_A3 / reference - 1);
  const error = fit.bulk_modulus_error_GPa === null ? null : (100 * fit.bulk_modulus_error_GPa) / fit.bulk_modulus_GPa;
  const spread = spreadOf(figures);
  const [lowest, highest] = DERIVATIVE_LIMITS;
  return [
    ...(parameters.relax_first ? [volumeDeviation(deviation)] : []),
    {
      name: 'pressure_difference_percent',
      value: check?.difference_percent ?? null,
      limits: [-MAX_PRESSURE_DIFFERENCE_PERCENT, MAX_PRESSURE_DIFFERENCE_PERCENT],
      warning:
        check === null
          ? 'No equation of state could be fitted to the virial pressures: the energies have nothing to be checked against.'
          : `The virial pressures give ${check.bulk_modulus_GPa.toPrecision(4)} GPa, ${check.difference_percent.toFixed(1)} % from the ` +
            `energies. The energies are rough or not converged: lower fmax, or widen strain_range when it is very small.`,
    },
    {
      name: 'pressure_derivative',
      value: fit.pressure_derivative,
      limits: DERIVATIVE_LIMITS,
      warning:
        `A pressure derivative of ${fit.pressure_derivative.toPrecision(3)} is outside of what solids have (${lowest} to ${highest}): ` +
        `the curve does not determine it. Use more points or a wider strain_range.`,
    },
    {
      name: 'bulk_modulus_error_percent',
      value: error,
      limits: [0, MAX_ERROR_PERCENT],
      warning:
        `The standard error of the bulk modulus is ${error === null ? 'not known' : `${error.toFixed(1)} %`}. ` +
        `Use more points (num_points) or a lower fmax.`,
    },
    {
      name: 'equations_spread_percent',
      value: spread,
      limits: [0, MAX_SPREAD_PERCENT],
      warning:
        spread === null
          ? 'Not every equation of state could be fitted: the curve is far from that of a solid.'
          : `The equations of state differ by ${spread.toFixed(1)} % in the bulk modulus: the range is too wide for them, or the curve ` +
            `too rough. Use a smaller strain_range.`,
    },
  ];
}

function volumeDeviation(deviation: number): Judged {
  return {
    name: 'volume_deviation_percent',
    value: deviation,
    limits: [-MAX_VOLUME_DEVIATION_PERCENT, MAX_VOLUME_DEVIATION_PERCENT],
    warning:
      `The minimum of the curve is ${deviation.toFixed(2)} % from the relaxed volume; the benchmark calls a fit with more than ` +
      `${MAX_VOLUME_DEVIATION_PERCENT} % unstable. The framework found a better arrangement on the way, or the relaxation was not at its ` +
      `minimum: relax with a smaller fmax and start from that.`,
  };
}

/** null when one of the three equations has no fit. */
function spreadOf({ fit, fits }: Figures): number | null {
  const moduli = fits.map(({ bulk_modulus_GPa }) => bulk_modulus_GPa);
  return moduli.length < 3 ? null : (100 * (Math.max(...moduli) - Math.min(...moduli))) / fit.bulk_modulus_GPa;
}

function shearWarnings(points: readonly VolumePoint[]): string[] {
  const pressure = Math.max(...points.map(({ pressure_GPa }) => Math.abs(pressure_GPa)));
  const shear = Math.max(...points.map(({ shear_stress_GPa }) => shear_stress_GPa));
  if (!(shear > MAX_SHEAR_PART * pressure)) return [];
  return [
    `The strained cells keep their shape under a shear stress of up to ${shear.toPrecision(3)} GPa (largest pressure ` +
      `${pressure.toPrecision(3)} GPa): this is the modulus at constant shape, and that under hydrostatic pressure is lower. ` +
      'Set hydrostatic_pressure_GPa to compute that one, too.',
  ];
}
