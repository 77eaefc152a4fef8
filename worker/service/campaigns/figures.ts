// From a result to what the table of a campaign shows of it: one function per task type, in the order of KEY_FIGURES. Pure.
import type { Figures } from '../../../contracts/campaign.ts';
import type { KEY_FIGURES } from '../../../contracts/key-figures.ts';
import { bulkModulusResultSchema } from '../../../contracts/results/bulk-modulus.ts';
import { heatCapacityResultSchema } from '../../../contracts/results/heat-capacity.ts';
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import { interactionEnergyResultSchema } from '../../../contracts/results/interaction-energy.ts';
import { optimizationResultSchema } from '../../../contracts/results/optimization.ts';
import { singlePointEnergyResultSchema } from '../../../contracts/results/single-point-energy.ts';
import { stabilityResultSchema } from '../../../contracts/results/stability.ts';
import type { TaskType } from '../../../contracts/task-types.ts';
import type { Outcome } from '../../store/campaign-cells.ts';

/** Every key figure of the type, so that a new column cannot be forgotten here. */
type FiguresOf<Type extends TaskType> = Record<keyof (typeof KEY_FIGURES)[Type], Figures[string]>;

interface Extracted<Type extends TaskType> {
  figures: FiguresOf<Type>;
  /** Why the result is not to be relied on. */
  doubt: string | null;
  warnings: readonly string[];
}

const REFERENCE_TEMPERATURE_K = 300;
const SAME_TEMPERATURE_K = 0.01;

const EXTRACT: { [Type in TaskType]: (result: unknown, n_atoms: number) => Extracted<Type> } = {
  optimization: (result, n_atoms) => {
    const relaxed = optimizationResultSchema.parse(result);
    const { converged, steps, final_energy_eV, max_force_eV_A, final_volume_A3: volume_A3 } = relaxed;
    const { volume_change_percent, rmsd_from_initial: rmsd_A, warnings } = relaxed;
    const volume_per_atom_A3 = volume_A3 === null ? null : volume_A3 / n_atoms;
    return {
      figures: {
        converged,
        steps,
        final_energy_eV,
        max_force_eV_A,
        volume_A3,
        volume_per_atom_A3,
        volume_change_percent,
        rmsd_A,
      },
      doubt: converged ? null : `The relaxation did not converge in ${steps} steps: allow more with max_steps.`,
      warnings,
    };
  },

  stability: (result) => {
    const run = stabilityResultSchema.parse(result);
    const { stable, max_displacement_A, n_bonds_broken, volume_drift_percent, mean_volume_A3 } = run;
    const { mean_temperature_k, energy_drift_eV_atom_ps, warnings, end_state } = run;
    return {
      figures: {
        stable,
        max_displacement_A,
        n_bonds_broken,
        volume_drift_percent,
        mean_volume_A3,
        mean_temperature_k,
        energy_drift_eV_atom_ps,
      },
      doubt: end_state === 'diverged' ? 'The dynamics diverged: its means end where it broke off.' : null,
      warnings,
    };
  },

  'bulk-modulus': (result) => {
    const fit = bulkModulusResultSchema.parse(result);
    const { is_reliable, bulk_modulus_GPa, bulk_modulus_error_GPa, pressure_derivative } = fit;
    const { equilibrium_volume_A3, r_squared, warnings, criteria } = fit;
    const failed = criteria.filter(({ passed }) => !passed).map(({ name }) => name.replaceAll('_', ' '));
    return {
      figures: {
        is_reliable,
        bulk_modulus_GPa,
        bulk_modulus_error_GPa,
        pressure_derivative,
        equilibrium_volume_A3,
        r_squared,
      },
      doubt: is_reliable ? null : `The fit is not reliable: ${failed.join(', ')}.`,
      warnings,
    };
  },

  'heat-capacity': (result) => {
    const computed = heatCapacityResultSchema.parse(result);
    const { relaxation, n_imaginary_modes, warnings } = computed;
    const i = computed.temperatures.findIndex((t) => Math.abs(t - REFERENCE_TEMPERATURE_K) < SAME_TEMPERATURE_K);
    return {
      figures: {
        heat_capacity_300K_J_g_K: computed.specific_heat_capacities[i] ?? null,
        heat_capacity_300K_J_mol_K: computed.heat_capacities[i] ?? null,
        n_imaginary_modes,
      },
      doubt: relaxation?.converged === false ? 'The relaxation before the phonons did not converge.' : null,
      warnings: i === -1 ? [...warnings, without300K(computed)] : warnings,
    };
  },

  'interaction-energy': (result) => {
    const computed = interactionEnergyResultSchema.parse(result);
    const { interaction_energy_eV, henry_coefficient_mol_kg_Pa, isosteric_heat_kJ_mol, accessible_fraction } = computed;
    const { henry_coefficient_standard_error_mol_kg_Pa, warnings } = computed;
    return {
      figures: {
        interaction_energy_eV,
        henry_coefficient_mol_kg_Pa,
        henry_coefficient_standard_error_mol_kg_Pa,
        isosteric_heat_kJ_mol,
        accessible_fraction,
      },
      doubt: null,
      warnings,
    };
  },

  'single-point-energy': (result) => {
    const { energy_eV, energy_per_atom_eV, max_force_eV_A, warnings } = singlePointEnergyResultSchema.parse(result);
    return {
      figures: { energy_eV, energy_per_atom_eV, max_force_eV_A: max_force_eV_A ?? null },
      doubt: null,
      warnings,
    };
  },
};

/**
 * @param result of a completed task, as its file has it
 * @param n_atoms of the structure as it was submitted
 * @throws ZodError when it is no result of this type
 */
export function outcomeOf(task_type: TaskType, result: unknown, n_atoms: number): Outcome {
  const { figures, doubt, warnings } = EXTRACT[task_type](result, n_atoms);
  return { figures: { ...figures }, doubt, warnings: [...warnings] };
}

function without300K({ temperatures }: HeatCapacityResult): string {
  return (
    `${REFERENCE_TEMPERATURE_K} K is not among the ${temperatures.length} temperatures, so that the table has no value for it: ` +
    'choose temperature_range and temperature_step accordingly.'
  );
}
