// The couplings of a convolution: features of degree l1 with harmonics of degree l2 into a message of degree l3.

export type Path = [l1: number, l2: number, l3: number];

/** In the order of e3nn's instructions, which is that of the radial weights: sorted by l3, then as l1, l2 come. */
export function convolutionPaths(edge_l_max: number, l_max: number): Path[] {
  const paths: Path[] = [];
  for (let l1 = 0; l1 <= edge_l_max; l1 += 1) {
    for (let l2 = 0; l2 <= l_max; l2 += 1) {
      // Natural parity: steps of two keep l1 + l2 + l3 even.
      for (let l3 = Math.abs(l1 - l2); l3 <= Math.min(l1 + l2, l_max); l3 += 2) paths.push([l1, l2, l3]);
    }
  }
  return paths.sort((a, b) => a[2] - b[2]);
}
