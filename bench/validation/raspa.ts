// `node bench/validation/raspa.ts`: what RASPA documents of its own examples beside tasks with the same force fields, structures and
// cutoffs. Writes the table that docs/validation/adsorption.md shows to standard output. About a minute on two cores.
// Sources: RASPA3 (github.com/iRASPA/RASPA3, a0d3b83, docs/manual/examples_basic.md, example 7) and RASPA2
// (github.com/iRASPA/RASPA2, 6498ab1, outputs of examples/Basic/6 and examples/Auxiliary/3). Their errors are 95 % of five blocks.
import { resolve } from 'node:path';
import type { InteractionEnergyResult } from '../../contracts/results/interaction-energy.ts';
import type { Structure } from '../../contracts/structure.ts';
import { BOLTZMANN_EV_K } from '../../contracts/units.ts';
import { readStructure } from '../../worker/cli/read-structure.ts';
import { startKernel } from '../../worker/kernel-client/kernel.ts';
import { locateKernel } from '../../worker/kernel-client/locate-kernel.ts';
import { elementOf } from '../../worker/structures/elements.ts';
import { parseStructure } from '../../worker/structures/parse-structure.ts';
import { comparedRow, henryOf, runInteractionTask } from './interaction-task.ts';
import type { Estimate } from './interaction-task.ts';

/** Student's t for 95 % and five blocks: what they print over the standard error of the mean. */
const PRINTED_OVER_STANDARD_ERROR = 2.776;
const SHARED = {
  grid_spacing: 0.5,
  block_pockets: 'never',
  lennard_jones: 'shifted',
  model_options: { cutoff_A: 12 },
  seed: 1,
};

/** M. G. Martin et al., J. Chem. Phys. 114, 7174 (2001). */
const METHANE = { name: 'CH4', sites: [{ element: 'C', position_A: [0, 0, 0], epsilon_K: 158.5, sigma_A: 3.72 }] };
const TRAPPE_ZEO = {
  citation: 'P. Bai, M. Tsapatsis, J. I. Siepmann, J. Phys. Chem. C 117, 24375 (2013)',
  sites: [
    { site: 'Si', epsilon_K: 22, sigma_A: 2.3 },
    { site: 'O', epsilon_K: 53, sigma_A: 3.3 },
  ],
};
/** As the output of the example states them. */
const MOF_PARAMETERS = {
  citation: 'RASPA 2, ExampleMOFsForceField',
  sites: [
    { site: 'Zn', epsilon_K: 62.3992, sigma_A: 2.46155 },
    { site: 'O', epsilon_K: 48.1581, sigma_A: 3.03315 },
    { site: 'C', epsilon_K: 47.8562, sigma_A: 3.47299 },
    { site: 'H', epsilon_K: 7.64893, sigma_A: 2.84642 },
  ],
};

/** M. Eddaoudi et al., Science 295, 469 (2002): IRMOF-1, with hydrogens. */
const IRMOF_1 = `data_IRMOF-1
_cell_length_a 25.832
_cell_length_b 25.832
_cell_length_c 25.832
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_IT_number 225
_space_group_name_H-M_alt 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Zn1 Zn 0.2934 0.2066 0.2066
O1 O 0.25 0.25 0.25
O2 O 0.2819 0.2181 0.134
C1 C 0.25 0.25 0.1113
C2 C 0.25 0.25 0.0538
C3 C 0.2829 0.2171 0.0269
H1 H 0.3049 0.1951 0.0448
`;

const kernel = await startKernel({ path: locateKernel() });
try {
  const { structure: mfi } = await readStructure('MFI', resolve(import.meta.dirname, '..', '..', 'resources'));
  const methane = await compute('MFI', mfi, {
    molecule: METHANE,
    host_parameters: TRAPPE_ZEO,
    temperature_k: 300,
    n_insertions: 10_000_000,
  });
  const [{ structure: irmof }] = parseStructure(Buffer.from(IRMOF_1), 'IRMOF-1.cif');
  const helium = await compute('IRMOF-1', irmof, {
    adsorbate: 'He',
    host_parameters: MOF_PARAMETERS,
    temperature_k: 298,
    n_insertions: 4_000_000,
    helium_void_fraction: true,
  });
  console.log('| what | task | RASPA | apart (combined standard errors) |');
  console.log('| --- | --- | --- | --- |');
  // Their value in mol/(kg Pa), 4.359225e-6, is this one over the mass of 288 silicon atoms; the weight beside it, 27.39027, agrees with it.
  row(
    'CH4 in MFI, 300 K: Henry coefficient, molecules/(cell Pa)',
    perCell(methane, mfi),
    printed(3.526013e-5, 7.479065e-8),
  );
  row('CH4 in MFI, 300 K: mean host-guest energy, K', meanOf(methane), printed(-1987.067969, 3.968366));
  row('He in IRMOF-1, 298 K: Henry coefficient, mol/(kg Pa)', henryOf(helium), printed(5.46589e-7, 7.05185e-11));
  row('IRMOF-1: helium void fraction', helium.helium_void_fraction ?? missing(), printed(0.803629, 0.000104));
} finally {
  await kernel.stop();
}

function compute(structure_name: string, structure: Structure, parameters: Record<string, unknown>) {
  return runInteractionTask(kernel, structure_name, structure, { ...SHARED, ...parameters });
}

function perCell(result: InteractionEnergyResult, { symbols }: Structure): Estimate {
  const kg_mol = symbols.reduce((sum, symbol) => sum + elementOf(symbol).mass_amu, 0) / 1000;
  const { value, standard_error } = henryOf(result);
  return { value: value * kg_mol, standard_error: standard_error * kg_mol };
}

function meanOf(result: InteractionEnergyResult): Estimate {
  return {
    value: (result.mean_interaction_energy_eV ?? Number.NaN) / BOLTZMANN_EV_K,
    standard_error: (result.mean_interaction_energy_standard_error_eV ?? Number.NaN) / BOLTZMANN_EV_K,
  };
}

function printed(value: number, error: number): Estimate {
  return { value, standard_error: error / PRINTED_OVER_STANDARD_ERROR };
}

function missing(): never {
  throw new Error('The task was asked for the helium void fraction and has none.');
}

function row(what: string, ours: Estimate, theirs: Estimate): void {
  console.log(comparedRow(what, ours, theirs));
}
