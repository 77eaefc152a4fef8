import { expect, it } from 'vitest';
import type { Vector3 } from '../../contracts/structure.ts';
import { elementOf } from '../structures/elements.ts';
import { withoutDrift } from './velocities.ts';

it('velocities_without_drift_have_no_momentum_and_the_same_differences', () => {
  const symbols = ['Zn', 'O', 'H'];
  const velocities: Vector3[] = [
    [0.01, -0.02, 0.005],
    [0.03, 0.01, -0.01],
    [-0.05, 0.08, 0.02],
  ];
  const left = withoutDrift(symbols, velocities);
  for (const k of [0, 1, 2] as const) {
    const momentum = symbols.reduce((sum, symbol, i) => sum + elementOf(symbol).mass_amu * left[i]![k], 0);
    expect(momentum).toBeCloseTo(0, 14);
    expect(left[2]![k] - left[0]![k]).toBeCloseTo(velocities[2]![k] - velocities[0]![k], 14);
  }
});
