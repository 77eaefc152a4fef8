// docs/validation/bulk-modulus.md from the outcomes of bulk-modulus.ts. Pure.
import { equationOfStateSchema } from '../../contracts/results/bulk-modulus.ts';
import { fitEnergies } from '../../worker/workflows/bulk-modulus/fit-equation.ts';
import { median } from '../measurement.ts';
import type { Outcome } from './bulk-modulus.ts';
import { ODD_CURVES } from './dft-curves.ts';
import type { DftCurve } from './dft-curves.ts';

/** The first ones name the cause, the others follow from it. */
const CRITERIA_SHOWN = 2;

export function bulkModulusPage(curves: readonly DftCurve[], outcomes: readonly Outcome[]): string {
  return [
    '# Bulk moduli',
    '',
    'Written by `node bench/validation/bulk-modulus.ts FOLDER`. FOLDER: reference data of MOFSimBench (https://github.com/AI4ChemS/mofsim-bench,',
    'doi 10.1038/s41524-025-01872-3), not part of this repository; its rows are not repeated here, only deviations.',
    '',
    ...independentLines(),
    ...refitLines(curves),
    ...uff4mofLines(curves, outcomes),
    '',
  ].join('\n');
}

function independentLines(): string[] {
  return [
    '## Against programs that share no code with ours',
    '',
    '| what | judge | reached | test |',
    '| --- | --- | --- | --- |',
    '| energies of the three equations | ASE 3.29.0 | 1e-11 eV | `fit-equation.test.ts` |',
    '| exact curve to its parameters | the parameters | 1e-8 relative | `fit-equation.test.ts` |',
    '| fit of a noisy curve, its standard errors | scipy 1.17.1, `curve_fit` | 1e-3 of a standard error, 1e-3 relative | `fit-equation.test.ts` |',
    '| solid argon, whole workflow, B0 of the three fits | lattice sum in numpy, fits by ASE | 1e-4 relative | `run.test.ts` |',
    '| the same against V d²E/dV² at the minimum | lattice sum in numpy | 0.2 % (strain 2 %, ASE the same) | `run.test.ts` |',
    '',
  ];
}

function refitLines(curves: readonly DftCurve[]): string[] {
  const methods = equationOfStateSchema.options;
  const rows = curves.map((curve) => {
    const deviation = (method: (typeof methods)[number]): number | null => {
      const fit = fitEnergies(method, curve.points);
      return fit === null ? null : 100 * (fit.bulk_modulus_GPa / curve.bulk_modulus_GPa - 1);
    };
    return { ...curve, deviations: methods.map(deviation) };
  });
  const within = rows.filter(({ deviations: [first] }) => Math.abs(first ?? Infinity) <= 2).length;
  return [
    '## Equations of state on the DFT curves',
    '',
    `${within} of ${rows.length} listed moduli within 2 % by Birch-Murnaghan (\`eos-dft.test.ts\`). The ${ODD_CURVES.size} others are marked: flat or narrow curves`,
    'that the description of the data names as odd. Three curves are in eV, not hartree, as it says, too.',
    '',
    '| structure | points | Birch-Murnaghan, % | Murnaghan, % | Vinet, % |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows.map(({ structure, points, deviations }) => {
      const cells = deviations.map((percent) => (percent === null ? '-' : percent.toFixed(2)));
      return `| ${structure}${ODD_CURVES.has(structure) ? ' (odd)' : ''} | ${points.length} | ${cells.join(' | ')} |`;
    }),
    '',
  ];
}

function uff4mofLines(curves: readonly DftCurve[], outcomes: readonly Outcome[]): string[] {
  const listed = new Map(curves.map(({ structure, bulk_modulus_GPa }) => [structure, bulk_modulus_GPa]));
  const rows = outcomes.map((outcome) => {
    const reference = listed.get(outcome.name) ?? listed.get(plainName(outcome.name)) ?? null;
    return { ...outcome, reference };
  });
  const computed = rows.flatMap(({ bulk_modulus_GPa: ours, reference, is_reliable }) =>
    ours === null || reference === null ? [] : [{ ours, reference, is_reliable }],
  );
  const reliable = computed.filter(({ is_reliable }) => is_reliable);
  return [
    '## UFF4MOF beside DFT',
    '',
    'Protocol of the benchmark: atoms and cell relaxed, 11 volumes from 0.96 to 1.04, fmax 0.001 eV/A, 1000 steps, Birch-Murnaghan; dialect `paper`, fallback `uff`,',
    'no charges. A force field that was fitted to geometries is judged here, not the program: the checks above are for that.',
    '',
    `${outcomes.length} of ${curves.length} structures were computed (smallest first, at most 180 s each), ${computed.length} gave a modulus, ${reliable.length} of these met every criterion.`,
    `Mean absolute error of all ${computed.length}: ${meanError(computed)}; of the ${reliable.length} reliable ones: ${meanError(reliable)}. Median of ours over DFT: ` +
      `${medianRatio(computed).toFixed(2)}; virial and energies agree within ${medianDifference(outcomes).toFixed(2)} % (median).`,
    '',
    'The force field is stiffer than DFT for most; frameworks of rigid nodes and straight ligands come closest. Why, with LAMMPS as judge and the terms taken apart:',
    '[bulk-modulus-stiffness.md](bulk-modulus-stiffness.md). What is flagged has not converged in 1000 steps,',
    'or goes to another arrangement under strain, or is so soft that the curve does not determine it. A task without a modulus failed and said why (ZEDWAJ: the',
    'energy falls by 1.3 eV at 0.96, where the framework collapses, and there is no curve to be fitted).',
    '',
    '| structure | atoms | UFF4MOF, GPa | over DFT | virial - energies, % | criteria not met |',
    '| --- | ---: | ---: | ---: | ---: | --- |',
    ...rows.map(row),
  ];
}

function row({
  name,
  n_atoms,
  bulk_modulus_GPa: ours,
  reference,
  pressure_difference_percent: difference,
  failed_criteria,
  error,
}: Outcome & { reference: number | null }): string {
  const ratio = ours === null || reference === null ? '-' : (ours / reference).toFixed(2);
  const named = failed_criteria.slice(0, CRITERIA_SHOWN).map((criterion) => criterion.replaceAll('_', ' '));
  const more = failed_criteria.length - named.length;
  const why = error ?? [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return `| ${name} | ${n_atoms} | ${ours?.toFixed(2) ?? '-'} | ${ratio} | ${difference?.toFixed(2) ?? '-'} | ${why} |`;
}

function meanError(pairs: readonly { ours: number; reference: number }[]): string {
  if (pairs.length === 0) return 'none';
  const mean = (of: (pair: { ours: number; reference: number }) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const absolute = mean(({ ours, reference }) => Math.abs(ours - reference));
  const relative = mean(({ ours, reference }) => Math.abs(ours / reference - 1));
  return `${absolute.toFixed(2)} GPa (${(100 * relative).toFixed(0)} %)`;
}

function medianRatio(pairs: readonly { ours: number; reference: number }[]): number {
  return pairs.length === 0 ? NaN : median(pairs.map(({ ours, reference }) => ours / reference));
}

function medianDifference(outcomes: readonly Outcome[]): number {
  const differences = outcomes.flatMap(({ pressure_difference_percent: percent }) =>
    percent === null ? [] : [Math.abs(percent)],
  );
  return differences.length === 0 ? NaN : median(differences);
}

/** The table of the curves spells some structures without this. */
function plainName(name: string): string {
  return name.replace(/_primitive$/, '');
}
