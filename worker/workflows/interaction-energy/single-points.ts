// E(framework + guest) - E(framework) - E(guest) with the model, as one batch.
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { evaluateStructures } from '../../kernel-client/evaluate.ts';
import type { StructureEvaluation } from '../../kernel-client/evaluate.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import type { ComputeParameters } from '../compute-parameters.ts';
import { computeSettings, strictTimeout } from '../compute-settings.ts';
import type { WorkflowContext } from '../workflow.ts';
import { complexOf, isolatedMolecule } from './guest.ts';

export interface GuestPlacement {
  symbols: string[];
  /** [n_atoms], A. */
  positions: Vector3[];
}

export interface ModelEnergies {
  /** [n_placements], eV. */
  interaction_eV: number[];
  n_evaluations: number;
  warnings: string[];
}

type Context = WorkflowContext<ComputeParameters>;

/** A rigid molecule has one energy alone, wherever it is; without its cell, so that it has no images. */
export async function modelInteractionEnergies(
  context: Context,
  framework: Structure,
  placements: readonly GuestPlacement[],
): Promise<ModelEnergies> {
  const [first] = placements;
  if (first === undefined) return { interaction_eV: [], n_evaluations: 0, warnings: [] };
  const structures = [
    complexOf(framework, [], []),
    isolatedMolecule(first.symbols, first.positions),
    ...placements.map(({ symbols, positions }) => complexOf(framework, symbols, positions)),
  ];
  const { structures: found, warnings } = await evaluate(context, structures, false);
  const apart = elementAt(found, 0, 'structure').energy_eV + elementAt(found, 1, 'structure').energy_eV;
  return {
    interaction_eV: found.slice(2).map(({ energy_eV }) => energy_eV - apart),
    n_evaluations: structures.length,
    warnings,
  };
}

export interface ConfigurationEnergy {
  interaction_eV: number;
  /** [n_atoms] of framework and guest together, eV/A. */
  forces_eV_A: Vector3[];
}

/**
 * The same for configurations that each bring their own framework and guest; the guest's atoms are the last.
 *
 * @throws KernelFailure
 */
export async function configurationEnergies(
  context: Context,
  configurations: readonly { structure: Structure; n_guest_atoms: number }[],
): Promise<{ energies: ConfigurationEnergy[]; n_evaluations: number; warnings: string[] }> {
  const structures = configurations.flatMap(({ structure, n_guest_atoms }) => partsOf(structure, n_guest_atoms));
  const { structures: found, warnings } = await evaluate(context, structures, true);
  const energies = configurations.map((_, i) => {
    const [both, framework, guest] = [0, 1, 2].map((part) => elementAt(found, 3 * i + part, 'structure'));
    if (both === undefined || framework === undefined || guest === undefined) throw new RangeError('three parts');
    return {
      interaction_eV: both.energy_eV - framework.energy_eV - guest.energy_eV,
      forces_eV_A: both.forces_eV_A ?? [],
    };
  });
  return { energies, n_evaluations: structures.length, warnings };
}

/** Together, the framework alone, and the guest without its cell. */
function partsOf(structure: Structure, nGuest: number): [Structure, Structure, Structure] {
  const { cell, pbc, symbols, positions } = structure;
  const first = symbols.length - nGuest;
  return [
    { cell, pbc, symbols, positions },
    { cell, pbc, symbols: symbols.slice(0, first), positions: positions.slice(0, first) },
    isolatedMolecule(symbols.slice(first), positions.slice(first)),
  ];
}

function evaluate(
  context: Context,
  structures: readonly Structure[],
  forces: boolean,
): Promise<{ structures: StructureEvaluation[]; warnings: string[] }> {
  return evaluateStructures(
    context.kernel,
    structures,
    computeSettings(context),
    { forces, stress: false },
    { signal: context.signal, ...strictTimeout(context.deadline) },
  );
}
