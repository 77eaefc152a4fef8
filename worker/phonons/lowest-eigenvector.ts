// The eigenvector of a real symmetric matrix that belongs to a known eigenvalue, by inverse iteration. Pure.

/** From a start with a share of it, each takes the others down by the ratio of their distances to the shift. */
const ITERATIONS = 4;
/** Of the largest entry: how far the shift stays off the eigenvalue, so that the elimination has no pivot of zero. */
const SHIFT = 1e-10;

/**
 * Of an eigenvalue that occurs several times, one of its eigenvectors.
 *
 * @param matrix [size][size], row-major, symmetric; only its lower triangle is read
 * @returns [size], of length 1; its largest component is positive
 */
export function eigenvectorOf(matrix: Float64Array, size: number, eigenvalue: number): Float64Array {
  const scale = matrix.reduce((largest, entry) => Math.max(largest, Math.abs(entry)), 0);
  const shift = eigenvalue - SHIFT * (scale === 0 ? 1 : scale);
  const shifted = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k <= i; k += 1) {
      const entry = matrix[i * size + k] ?? 0;
      shifted[i * size + k] = entry;
      shifted[k * size + i] = entry;
    }
    shifted[i * size + i] = (shifted[i * size + i] ?? 0) - shift;
  }
  const pivots = factorize(shifted, size);
  // No symmetry of a crystal is in it, so that no eigenvector is orthogonal to it.
  let vector: Float64Array = Float64Array.from({ length: size }, (_, i) => 1 + Math.sin(1 + 2.7 * i + 0.31 * i * i));
  for (let k = 0; k < ITERATIONS; k += 1) vector = normalized(solve(shifted, pivots, size, vector));
  return vector;
}

/** In place: the triangles of Gaussian elimination with partial pivoting. @returns [size], the row that took each one's place */
function factorize(a: Float64Array, size: number): Int32Array {
  const pivots = new Int32Array(size);
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(a[row * size + column] ?? 0) > Math.abs(a[pivot * size + column] ?? 0)) pivot = row;
    }
    pivots[column] = pivot;
    if (pivot !== column) swapRows(a, size, pivot, column);
    const diagonal = a[column * size + column] ?? 0;
    if (diagonal === 0) continue;
    for (let row = column + 1; row < size; row += 1) {
      const factor = (a[row * size + column] ?? 0) / diagonal;
      a[row * size + column] = factor;
      if (factor === 0) continue;
      for (let k = column + 1; k < size; k += 1) {
        a[row * size + k] = (a[row * size + k] ?? 0) - factor * (a[column * size + k] ?? 0);
      }
    }
  }
  return pivots;
}

function swapRows(a: Float64Array, size: number, i: number, j: number): void {
  const row = a.slice(i * size, (i + 1) * size);
  a.copyWithin(i * size, j * size, (j + 1) * size);
  a.set(row, j * size);
}

function solve(a: Float64Array, pivots: Int32Array, size: number, right: Float64Array): Float64Array {
  const x = right.slice();
  pivots.forEach((pivot, i) => {
    [x[i], x[pivot]] = [x[pivot] ?? 0, x[i] ?? 0];
  });
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < i; k += 1) x[i] = (x[i] ?? 0) - (a[i * size + k] ?? 0) * (x[k] ?? 0);
  }
  for (let i = size - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < size; k += 1) x[i] = (x[i] ?? 0) - (a[i * size + k] ?? 0) * (x[k] ?? 0);
    const diagonal = a[i * size + i] ?? 0;
    x[i] = (x[i] ?? 0) / (diagonal === 0 ? Number.EPSILON ** 2 : diagonal);
  }
  return x;
}

function normalized(vector: Float64Array): Float64Array {
  const largest = vector.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0);
  const scaled = vector.map((x) => x / largest);
  const length = Math.sqrt(scaled.reduce((sum, x) => sum + x * x, 0));
  return scaled.map((x) => x / length);
}
