import { expect, test } from 'vitest';
import { convolutionPaths } from './paths.ts';

/** Of the spaces of e3nn 0.4.4 in mace-torch: (l1 l2) for each l3, harmonics to l = 3. */
const EXPECTED = [
  [0, ['00', '01', '02', '03']],
  [1, ['00 11', '01 10 12', '02 11 13', '03 12']],
  [2, ['00 11 22', '01 10 12 21 23', '02 11 13 20 22', '03 12 21 23']],
] as const;

test.each(EXPECTED)('edge features to l = %i: the paths of e3nn, in its order', (edge_l_max, expected) => {
  const ours = [0, 1, 2, 3].map((wanted) =>
    convolutionPaths(edge_l_max, 3)
      .filter(([, , l3]) => l3 === wanted)
      .map(([l1, l2]) => `${l1}${l2}`)
      .join(' '),
  );
  expect(ours).toEqual(expected);
});

test('paths come by l3', () => {
  const degrees = convolutionPaths(2, 3).map(([, , l3]) => l3);
  expect(degrees).toEqual(degrees.toSorted());
});
