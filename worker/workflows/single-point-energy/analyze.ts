// From an evaluation to the result document of a single-point energy. Pure.
import type { FrameEnergy, SinglePointEnergyResult } from '../../../contracts/results/single-point-energy.ts';
import type { Evaluation } from '../../kernel-client/evaluate.ts';
import { largestForce } from '../forces.ts';
import { toGPa } from '../stress.ts';

export function analyzeSinglePointEnergy(
  evaluation: Evaluation,
  asked: { nAtoms: number; stress: boolean; warnings: readonly string[]; frames: FrameEnergy[] | null },
): SinglePointEnergyResult {
  const { energy_eV, energy_components_eV, forces_eV_A: forces, stress_eV_A3: stress } = evaluation;
  const { energies_per_atom_eV: perAtom } = evaluation;
  return {
    energy_eV,
    energy_per_atom_eV: energy_eV / asked.nAtoms,
    n_atoms: asked.nAtoms,
    energy_components_eV,
    ...(perAtom === null ? {} : { energies_per_atom_eV: perAtom }),
    ...(forces === null ? {} : { forces_eV_A: forces, max_force_eV_A: largestForce(forces) }),
    ...(asked.stress ? { stress_GPa: stress === null ? null : toGPa(stress) } : {}),
    ...(asked.frames === null ? {} : { frames: asked.frames }),
    warnings: [...asked.warnings, ...evaluation.warnings],
  };
}
