// Lennard-Jones parameters by element for molecules that bring none. Source: Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992),
// doi 10.1021/ja00051a040, table I: x and D, which do not depend on the hybridization. Pure.
import { BOLTZMANN_EV_K, EV_PER_KCAL_MOL } from '../../../contracts/units.ts';
import { TaskFailure } from '../task-failure.ts';

export const UFF_CITATION = 'Lennard-Jones by element: UFF, Rappe et al., J. Am. Chem. Soc. 114, 10024 (1992)';

/** Distance of the minimum, A; depth, kcal/mol. Non-metals: what gas molecules are made of. */
const UFF: ReadonlyMap<string, readonly [x_A: number, depth_kcal_mol: number]> = new Map([
  ['H', [2.886, 0.044]],
  ['He', [2.362, 0.056]],
  ['B', [4.083, 0.18]],
  ['C', [3.851, 0.105]],
  ['N', [3.66, 0.069]],
  ['O', [3.5, 0.06]],
  ['F', [3.364, 0.05]],
  ['Ne', [3.243, 0.042]],
  ['Si', [4.295, 0.402]],
  ['P', [4.147, 0.305]],
  ['S', [4.035, 0.274]],
  ['Cl', [3.947, 0.227]],
  ['Ar', [3.868, 0.185]],
  ['Ge', [4.28, 0.379]],
  ['As', [4.23, 0.309]],
  ['Se', [4.205, 0.291]],
  ['Br', [4.189, 0.251]],
  ['Kr', [4.141, 0.22]],
  ['Sn', [4.392, 0.567]],
  ['Sb', [4.42, 0.449]],
  ['Te', [4.47, 0.398]],
  ['I', [4.5, 0.339]],
  ['Xe', [4.404, 0.332]],
  ['Rn', [4.765, 0.248]],
]);

/**
 * @returns epsilon over Boltzmann's constant, K; sigma = x / 2^(1/6), A
 * @throws TaskFailure ModelError for an element that the table does not have
 */
export function uffLennardJones(element: string): { epsilon_K: number; sigma_A: number } {
  const found = UFF.get(element);
  if (found === undefined) {
    const message =
      `There are no Lennard-Jones parameters for ${element} here. Give epsilon_K and sigma_A for this site of the molecule; ` +
      `without them a molecule may hold ${[...UFF.keys()].join(', ')}.`;
    throw new TaskFailure('ModelError', message, { parameter: 'molecule', element, known: [...UFF.keys()] });
  }
  const [x_A, depth] = found;
  return { epsilon_K: (depth * EV_PER_KCAL_MOL) / BOLTZMANN_EV_K, sigma_A: x_A / 2 ** (1 / 6) };
}
