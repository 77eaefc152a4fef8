// Eigenvalues of a Hermitian matrix: Householder reflections to a real tridiagonal one, then the implicit QL method. Rows are
// walked in the order in which they lie in memory, which is what the time of a large matrix depends on.

/** A Hermitian matrix; only its lower triangle (column <= row) is read. */
export interface HermitianMatrix {
  readonly size: number;
  /** [size][size], row-major. */
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** More are never needed: the method takes less than two per eigenvalue. */
const MOST_ITERATIONS = 60;

/**
 * Source: Householder and QL as in Wilkinson and Reinsch, Handbook for Automatic Computation II (1971), contributions II/2 and II/4, in
 * their complex form.
 *
 * @param matrix is overwritten
 * @returns [size], ascending
 * @throws RangeError when the matrix holds numbers that are not finite
 */
export function hermitianEigenvalues(matrix: HermitianMatrix): Float64Array {
  const { diagonal, offDiagonal } = reduceToTridiagonal(matrix);
  tridiagonalEigenvalues(diagonal, offDiagonal);
  return diagonal.sort();
}

interface Tridiagonal {
  /** [size]. */
  diagonal: Float64Array;
  /** [size]: absolute values beside the diagonal, the i-th between i and i + 1; the last one is 0. Phases change no eigenvalue. */
  offDiagonal: Float64Array;
}

/** Row after row from the last one: a reflection of the indices below `row` clears all of its entries but the one beside the diagonal. */
function reduceToTridiagonal({ size, real, imaginary }: HermitianMatrix): Tridiagonal {
  const diagonal = new Float64Array(size);
  const offDiagonal = new Float64Array(size);
  const work: Reflection = { vr: new Float64Array(size), vi: new Float64Array(size), beta: 0, norm: 0 };
  const pr = new Float64Array(size);
  const pi = new Float64Array(size);
  for (let row = size - 1; row > 0; row -= 1) {
    diagonal[row] = real[row * size + row] ?? 0;
    buildReflection(work, real, imaginary, row * size, row);
    offDiagonal[row - 1] = work.norm;
    if (work.beta === 0) continue;
    multiplyByVector(real, imaginary, size, row, work, pr, pi);
    updateLowerTriangle(real, imaginary, size, row, work, pr, pi);
  }
  if (size > 0) diagonal[0] = real[0] ?? 0;
  return { diagonal, offDiagonal };
}

interface Reflection {
  /** I - beta v v^H. */
  vr: Float64Array;
  vi: Float64Array;
  beta: number;
  /** Of the row that is cleared. */
  norm: number;
}

/** The reflection that turns the conjugate of a row's first `length` entries into a multiple of the last unit vector. */
function buildReflection(
  into: Reflection,
  real: Float64Array,
  imaginary: Float64Array,
  first: number,
  length: number,
): void {
  const { vr, vi } = into;
  let squared = 0;
  for (let k = 0; k < length; k += 1) {
    const x = real[first + k] ?? 0;
    const y = -(imaginary[first + k] ?? 0);
    vr[k] = x;
    vi[k] = y;
    squared += x * x + y * y;
  }
  const lastReal = vr[length - 1] ?? 0;
  const lastImaginary = vi[length - 1] ?? 0;
  const last = Math.hypot(lastReal, lastImaginary);
  into.norm = Math.sqrt(squared);
  into.beta = 0;
  if (squared - last * last <= squared * Number.EPSILON ** 2) {
    into.norm = last;
    return;
  }
  // Away from cancellation: the last entry grows by the norm along its own phase.
  const phaseReal = last === 0 ? 1 : lastReal / last;
  const phaseImaginary = last === 0 ? 0 : lastImaginary / last;
  vr[length - 1] = lastReal + phaseReal * into.norm;
  vi[length - 1] = lastImaginary + phaseImaginary * into.norm;
  into.beta = 1 / (squared + last * into.norm);
}

/** p = beta A v of the leading `length` rows, from the lower triangle in one pass; then p - (beta/2 v^H p) v. */
function multiplyByVector(
  real: Float64Array,
  imaginary: Float64Array,
  size: number,
  length: number,
  { vr, vi, beta }: Reflection,
  pr: Float64Array,
  pi: Float64Array,
): void {
  pr.fill(0, 0, length);
  pi.fill(0, 0, length);
  for (let i = 0; i < length; i += 1) {
    const row = i * size;
    const xr = vr[i] ?? 0;
    const xi = vi[i] ?? 0;
    const diagonal = real[row + i] ?? 0;
    let sumReal = diagonal * xr;
    let sumImaginary = diagonal * xi;
    for (let k = 0; k < i; k += 1) {
      const ar = real[row + k] ?? 0;
      const ai = imaginary[row + k] ?? 0;
      const yr = vr[k] ?? 0;
      const yi = vi[k] ?? 0;
      sumReal += ar * yr - ai * yi;
      sumImaginary += ar * yi + ai * yr;
      pr[k] = (pr[k] ?? 0) + ar * xr + ai * xi;
      pi[k] = (pi[k] ?? 0) + ar * xi - ai * xr;
    }
    pr[i] = (pr[i] ?? 0) + sumReal;
    pi[i] = (pi[i] ?? 0) + sumImaginary;
  }
  // v^H A v is real.
  let overlap = 0;
  for (let k = 0; k < length; k += 1) overlap += (vr[k] ?? 0) * (pr[k] ?? 0) + (vi[k] ?? 0) * (pi[k] ?? 0);
  const shift = (beta * beta * overlap) / 2;
  for (let k = 0; k < length; k += 1) {
    pr[k] = beta * (pr[k] ?? 0) - shift * (vr[k] ?? 0);
    pi[k] = beta * (pi[k] ?? 0) - shift * (vi[k] ?? 0);
  }
}

/** A - v p^H - p v^H on the leading `length` rows: the reflected matrix. */
function updateLowerTriangle(
  real: Float64Array,
  imaginary: Float64Array,
  size: number,
  length: number,
  { vr, vi }: Reflection,
  pr: Float64Array,
  pi: Float64Array,
): void {
  for (let i = 0; i < length; i += 1) {
    const row = i * size;
    const ur = vr[i] ?? 0;
    const ui = vi[i] ?? 0;
    const wr = pr[i] ?? 0;
    const wi = pi[i] ?? 0;
    for (let k = 0; k <= i; k += 1) {
      const yr = vr[k] ?? 0;
      const yi = vi[k] ?? 0;
      const zr = pr[k] ?? 0;
      const zi = pi[k] ?? 0;
      real[row + k] = (real[row + k] ?? 0) - (ur * zr + ui * zi + wr * yr + wi * yi);
      imaginary[row + k] = (imaginary[row + k] ?? 0) - (ui * zr - ur * zi + wi * yr - wr * yi);
    }
  }
}

/** In place: `d` becomes the eigenvalues, in no order; `e` is destroyed. */
function tridiagonalEigenvalues(d: Float64Array, e: Float64Array): void {
  const size = d.length;
  const at = (values: Float64Array, i: number): number => values[i] ?? 0;
  for (let l = 0; l < size; l += 1) {
    for (let iteration = 0; ; iteration += 1) {
      let m = l;
      for (; m < size - 1; m += 1) {
        const scale = Math.abs(at(d, m)) + Math.abs(at(d, m + 1));
        if (Math.abs(at(e, m)) <= Number.EPSILON * scale) break;
      }
      if (m === l) break;
      if (iteration === MOST_ITERATIONS) throw new RangeError('The eigenvalues of a matrix did not converge.');
      qlStep(d, e, l, m);
    }
  }
}

/** One implicit step with Wilkinson's shift on the unreduced block l .. m. */
function qlStep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  const at = (values: Float64Array, i: number): number => values[i] ?? 0;
  let g = (at(d, l + 1) - at(d, l)) / (2 * at(e, l));
  const r = Math.hypot(g, 1);
  g = at(d, m) - at(d, l) + at(e, l) / (g + (g >= 0 ? r : -r));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = m - 1; i >= l; i -= 1) {
    const f = sine * at(e, i);
    const b = cosine * at(e, i);
    const length = Math.hypot(f, g);
    e[i + 1] = length;
    if (length === 0) {
      // The block falls apart here.
      d[i + 1] = at(d, i + 1) - shift;
      e[m] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    g = at(d, i + 1) - shift;
    const t = (at(d, i) - g) * sine + 2 * cosine * b;
    shift = sine * t;
    d[i + 1] = g + shift;
    g = cosine * t - b;
  }
  d[l] = at(d, l) - shift;
  e[l] = g;
  e[m] = 0;
}
