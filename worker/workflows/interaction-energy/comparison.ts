// The model against reference interaction energies, configuration by configuration. Pure.
import type {
  ComparedConfiguration,
  ReferenceComparison,
  ReferenceConfiguration,
} from '../../../contracts/results/interaction-energy.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { parseStructure } from '../../structures/parse-structure.ts';
import { StructureError } from '../../structures/structure-error.ts';
import { TaskFailure } from '../task-failure.ts';
import type { ConfigurationEnergy } from './single-points.ts';

const CLASSES = ['R', 'E', 'W'] as const;
const FILE_OF_FORMAT = { cif: 'configuration.cif', xyz: 'configuration.xyz', poscar: 'POSCAR' } as const;

export interface ParsedConfiguration {
  name: string;
  structure: Structure;
  n_guest_atoms: number;
  reference: Pick<ReferenceConfiguration, 'class' | 'interaction_energy_eV' | 'forces_eV_A'>;
}

/** @throws TaskFailure StructureError | ModelError naming the configuration that is at fault */
export function parseConfigurations(reference: readonly ReferenceConfiguration[]): ParsedConfiguration[] {
  return reference.map((configuration, i) => {
    const name = configuration.name ?? `configuration ${i + 1}`;
    const structure = readOne(configuration, name);
    return checked({ name, structure, n_guest_atoms: configuration.n_guest_atoms, reference: configuration });
  });
}

/** @throws TaskFailure ModelError where guest or forces do not fit the structure */
export function checked(configuration: ParsedConfiguration): ParsedConfiguration {
  const { name, structure, n_guest_atoms, reference } = configuration;
  const nAtoms = structure.symbols.length;
  if (n_guest_atoms >= nAtoms) {
    throw atFault(name, `has ${nAtoms} atoms, and n_guest_atoms=${n_guest_atoms} leaves no framework`);
  }
  const nForces = reference.forces_eV_A?.length ?? nAtoms;
  if (nForces !== nAtoms) throw atFault(name, `has ${nAtoms} atoms and ${nForces} reference forces`);
  return configuration;
}

function readOne({ structure: { format, content } }: ReferenceConfiguration, name: string): Structure {
  try {
    return parseStructure(Buffer.from(content), FILE_OF_FORMAT[format])[0].structure;
  } catch (error) {
    if (!(error instanceof StructureError)) throw error;
    const message = `The reference configuration "${name}" cannot be read: ${error.message}`;
    throw new TaskFailure('StructureError', message, { configuration: name, ...error.details }, { cause: error });
  }
}

export function atFault(name: string, what: string): TaskFailure {
  return new TaskFailure('ModelError', `The reference configuration "${name}" ${what}.`, {
    parameter: 'reference',
    configuration: name,
  });
}

/** @param energies of the model, in the order of the configurations */
export function compareWithReference(
  parsed: readonly ParsedConfiguration[],
  energies: readonly ConfigurationEnergy[],
  csv_url: string,
): ReferenceComparison {
  const configurations = parsed.map((one, i) => compareOne(one, energies[i]));
  const byClass = CLASSES.flatMap((name) => {
    const members = configurations.filter((configuration) => configuration.class === name);
    return members.length === 0 ? [] : [{ class: name, ...errorsOf(members) }];
  });
  const all = errorsOf(configurations);
  return {
    definition:
      'Single points without relaxation: E(framework + guest) - E(framework) - E(guest), framework and guest as they are in the ' +
      'configuration, the guest without its cell. Forces: all components of framework and guest together.',
    n_configurations: all.n_configurations,
    mae_eV: all.mae_eV,
    mean_error_eV: mean(configurations.map(({ error_eV }) => error_eV)),
    force_mae_eV_A: all.force_mae_eV_A,
    by_class: byClass,
    configurations,
    csv_url,
  };
}

function compareOne(
  { name, structure, reference }: ParsedConfiguration,
  energy: ConfigurationEnergy | undefined,
): ComparedConfiguration {
  const interaction_energy_eV = energy?.interaction_eV ?? Number.NaN;
  return {
    name,
    class: reference.class ?? null,
    n_atoms: structure.symbols.length,
    interaction_energy_eV,
    reference_interaction_energy_eV: reference.interaction_energy_eV,
    error_eV: interaction_energy_eV - reference.interaction_energy_eV,
    force_mae_eV_A:
      reference.forces_eV_A === undefined ? null : forceMae(energy?.forces_eV_A ?? [], reference.forces_eV_A),
  };
}

function errorsOf(configurations: readonly ComparedConfiguration[]): {
  n_configurations: number;
  mae_eV: number;
  force_mae_eV_A: number | null;
} {
  const forces = configurations.flatMap(({ force_mae_eV_A: mae }) => (mae === null ? [] : [mae]));
  return {
    n_configurations: configurations.length,
    mae_eV: mean(configurations.map(({ error_eV }) => Math.abs(error_eV))),
    // Per configuration first, then over the configurations: the benchmark weighs them alike, whatever their size.
    force_mae_eV_A: forces.length === 0 ? null : mean(forces),
  };
}

function forceMae(found: readonly Vector3[], expected: readonly Vector3[]): number {
  return mean(
    expected.flatMap((force, i) => force.map((component, k) => Math.abs(component - (found[i]?.[k] ?? Number.NaN)))),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
