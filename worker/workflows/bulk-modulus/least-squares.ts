// Nonlinear least squares for a handful of parameters, with an analytic Jacobian. Pure.
// Source: J. J. More, Lect. Notes Math. 630, 105 (1978); here with the normal equations of scaled columns, which is exact enough for four
// parameters because every step is computed from the true residuals.

export interface Evaluated {
  /** Model minus what was measured. */
  residuals: number[];
  /** [n_residuals][n_parameters]. */
  jacobian: number[][];
}

export interface LeastSquares {
  parameters: number[];
  /** Standard errors; null without a degree of freedom. */
  errors: number[] | null;
  sumOfSquares: number;
}

const MAX_ITERATIONS = 500;
const START_DAMPING = 1e-3;
const MAX_DAMPING = 1e20;
/** A step that changes no parameter by more than this part of its scale is the end. */
const STEP_TOLERANCE = 1e-14;

/**
 * @param start  one value per parameter, none zero where its size matters
 * @param scales typical size of each parameter, above zero
 * @param evaluate null where the model is not defined: such a step is not taken
 * @returns null when it does not converge, or the parameters cannot be told apart
 */
export function fitLeastSquares(
  start: readonly number[],
  scales: readonly number[],
  evaluate: (parameters: readonly number[]) => Evaluated | null,
): LeastSquares | null {
  let parameters = [...start];
  let current = evaluate(parameters);
  if (current === null) return null;
  let damping = START_DAMPING;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    const step = dampedStep(scaled(current, scales), damping);
    if (step === null) return null;
    const candidate = parameters.map((value, k) => value + (step[k] ?? 0) * (scales[k] ?? 1));
    const next = evaluate(candidate);
    const isBetter = next !== null && sumOfSquares(next.residuals) < sumOfSquares(current.residuals);
    const isSmall = step.every((change) => Math.abs(change) < STEP_TOLERANCE);
    if (isBetter) {
      [parameters, current] = [candidate, next];
      damping /= 10;
    } else {
      damping *= 10;
    }
    if (isSmall || damping > MAX_DAMPING) return finish(parameters, current, scales);
  }
  return null;
}

function finish(
  parameters: number[],
  { residuals, jacobian }: Evaluated,
  scales: readonly number[],
): LeastSquares | null {
  const squares = sumOfSquares(residuals);
  const nFree = residuals.length - parameters.length;
  const inverse = invert(normalMatrix(scaled({ residuals, jacobian }, scales).jacobian));
  if (inverse === null) return null;
  const errors = inverse.map((row, k) => (scales[k] ?? 1) * Math.sqrt(((row[k] ?? 0) * squares) / Math.max(1, nFree)));
  return { parameters, errors: nFree > 0 ? errors : null, sumOfSquares: squares };
}

function scaled({ residuals, jacobian }: Evaluated, scales: readonly number[]): Evaluated {
  return { residuals, jacobian: jacobian.map((row) => row.map((entry, k) => entry * (scales[k] ?? 1))) };
}

function dampedStep({ residuals, jacobian }: Evaluated, damping: number): number[] | null {
  const matrix = normalMatrix(jacobian).map((row, i) => row.map((x, j) => (i === j ? x * (1 + damping) : x)));
  const gradient = matrix.map((_, k) => jacobian.reduce((sum, row, i) => sum + (row[k] ?? 0) * (residuals[i] ?? 0), 0));
  return invert(matrix)?.map((row) => -row.reduce((sum, x, k) => sum + x * (gradient[k] ?? 0), 0)) ?? null;
}

function normalMatrix(jacobian: readonly (readonly number[])[]): number[][] {
  const n = jacobian[0]?.length ?? 0;
  const column = (i: number, j: number): number =>
    jacobian.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0);
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => column(i, j)));
}

/** Of a symmetric positive definite matrix, by Gauss-Jordan after scaling its diagonal to one; null when it is singular. */
function invert(matrix: readonly (readonly number[])[]): number[][] | null {
  const diagonal = matrix.map((row, i) => Math.sqrt(row[i] ?? 0));
  if (!diagonal.every((d) => d > 0 && Number.isFinite(d))) return null;
  const n = matrix.length;
  const rows = matrix.map((row, i) => [
    ...row.map((x, j) => x / ((diagonal[i] ?? 1) * (diagonal[j] ?? 1))),
    ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
  ]);
  for (let k = 0; k < n; k += 1) {
    const pivotRow = rows[k] ?? [];
    const pivot = pivotRow[k] ?? 0;
    if (!(pivot > n * Number.EPSILON)) return null;
    rows[k] = pivotRow.map((x) => x / pivot);
    for (let i = 0; i < n; i += 1) {
      if (i === k) continue;
      const factor = rows[i]?.[k] ?? 0;
      rows[i] = (rows[i] ?? []).map((x, j) => x - factor * (rows[k]?.[j] ?? 0));
    }
  }
  return rows.map((row, i) => row.slice(n).map((x, j) => x / ((diagonal[i] ?? 1) * (diagonal[j] ?? 1))));
}

export function sumOfSquares(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
