// From a saddle to a minimum: while the relaxed unit cell has an imaginary vibration, its atoms are displaced along it and relaxed again.
import type { HeatCapacityResult } from '../../../contracts/results/heat-capacity.ts';
import type { Structure, Vector3 } from '../../../contracts/structure.ts';
import { elementAt } from '../../kernel-client/arrays.ts';
import type { Mode } from '../../phonons/softest-mode.ts';
import { relaxStage } from '../stages/relax-stage.ts';
import type { RelaxedInStage } from '../stages/relax-stage.ts';
import { computeCrystalForceConstants, computeSoftestMode } from './phonon-stages.ts';
import type { ComputedForceConstants } from './phonon-stages.ts';
import { relaxationOf, relaxSettings, repeatsOfStart, volumeChange } from './start.ts';
import type { HeatCapacityContext, RelaxedUnitCell } from './start.ts';

/** Softer ones are what the noise of displaced forces makes of a translation or of a mode that costs nothing. */
const SOFTEST_FOLLOWED_THZ = -0.01;
/** Of the atom that moves most: far beyond where the relaxation calls forces zero, and short against a bond. */
const AMPLITUDE_A = 0.1;
/** Less is no other structure, eV. */
const SMALLEST_GAIN_EV = 1e-6;

type FollowedMode = NonNullable<HeatCapacityResult['followed_modes']>[number];
type Progress = Readonly<{ from: number; to: number }>;

/** @returns the unit cell at the end, and its force constants */
export async function followImaginaryModes(
  context: HeatCapacityContext,
  relaxed: RelaxedUnitCell,
  progress: Progress,
): Promise<{ unitCell: RelaxedUnitCell; computed: ComputedForceConstants }> {
  const nRounds = context.parameters.follow_imaginary_modes;
  const repeats = repeatsOfStart(context);
  const followed: FollowedMode[] = [];
  let unitCell = relaxed;
  for (let round = 0; ; round += 1) {
    const part = partOf(progress, round, nRounds + 1);
    const name = round === 0 ? 'displace' : `displace-${round}`;
    const computed = await computeCrystalForceConstants(
      context,
      { structure: unitCell.structure, repeats, name },
      part,
    );
    const next = round < nRounds ? await follow(context, unitCell, computed, { round, part }) : null;
    if (next !== null) followed.push(next.mode);
    if (!next?.mode.accepted) {
      return { unitCell: nRounds === 0 ? unitCell : { ...unitCell, followedModes: followed }, computed };
    }
    unitCell = next.unitCell;
  }
}

/** null when no vibration is to be followed. */
async function follow(
  context: HeatCapacityContext,
  unitCell: RelaxedUnitCell,
  computed: ComputedForceConstants,
  { round, part }: { round: number; part: Progress },
): Promise<{ mode: FollowedMode; unitCell: RelaxedUnitCell } | null> {
  const mode = await computeSoftestMode(context, computed);
  if (mode.frequency_THz > SOFTEST_FOLLOWED_THZ) return null;
  const { structure: before, relaxation } = unitCell;
  const after = await relaxDisplaced(context, before, mode, { round, part });
  const energy_change_eV = after.energy_eV - (relaxation?.energy_eV ?? Number.NaN);
  const accepted = energy_change_eV < -SMALLEST_GAIN_EV;
  context.reporter.log(
    'INFO',
    `Along the vibration of ${mode.frequency_THz.toFixed(3)} THz the energy changes by ${energy_change_eV.toPrecision(3)} eV`,
    { round, accepted },
  );
  return {
    mode: {
      frequency_THz: mode.frequency_THz,
      energy_change_eV,
      volume_change_percent: volumeChange(before, after.structure),
      converged: after.converged,
      steps: after.steps,
      accepted,
    },
    unitCell: {
      ...unitCell,
      structure: after.structure,
      relaxation: relaxationOf(after, context.structure),
    },
  };
}

/** Both ways, because only one of them leads to the lower of two minima; one batch. */
async function relaxDisplaced(
  context: HeatCapacityContext,
  structure: Structure,
  mode: Mode,
  { round, part }: { round: number; part: Progress },
): Promise<RelaxedInStage> {
  context.reporter.stage('relax');
  const { structures } = await relaxStage(context, {
    name: `follow-${round}`,
    structures: [AMPLITUDE_A, -AMPLITUDE_A].map((amplitude) => displaced(structure, mode, amplitude)),
    topology: context.structure,
    settings: relaxSettings(context.parameters),
    progress: { from: part.to, to: part.to },
  });
  return structures.reduce(
    (lowest, found) => (found.energy_eV < lowest.energy_eV ? found : lowest),
    elementAt(structures, 0, 'structure'),
  );
}

function displaced(structure: Structure, { displacements }: Mode, amplitude: number): Structure {
  const positions = structure.positions.map(([x, y, z], atom): Vector3 => {
    const [dx, dy, dz] = elementAt(displacements, atom, 'displacement');
    return [x + amplitude * dx, y + amplitude * dy, z + amplitude * dz];
  });
  return { ...structure, positions };
}

function partOf({ from, to }: Progress, round: number, nRounds: number): Progress {
  const at = (n: number): number => from + ((to - from) * n) / nRounds;
  return { from: at(round), to: at(round + 1) };
}
