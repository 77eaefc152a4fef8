// The kernel and the TypeScript side must convert with the same numbers, and those with the exact SI constants.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as units from '../contracts/units.ts';

const header = readFileSync(new URL('../worker/kernel/src/units.hpp', import.meta.url), 'utf8');

function kernelConstant(name: string): number {
  const match = new RegExp(`constexpr double ${name} = ([0-9.e+-]+);`).exec(header);
  if (match?.[1] === undefined) throw new Error(`units.hpp has no ${name}`);
  return Number(match[1]);
}

test('kernel_and_contracts_hold_the_same_conversion_factors', () => {
  expect(kernelConstant('kGPaPerEvA3')).toBe(units.GPA_PER_EV_A3);
  expect(kernelConstant('kBoltzmannEvK')).toBe(units.BOLTZMANN_EV_K);
  expect(kernelConstant('kEvPerKcalMol')).toBe(units.EV_PER_KCAL_MOL);
  expect(kernelConstant('kGCm3PerAmuA3')).toBe(units.G_CM3_PER_AMU_A3);
  expect(kernelConstant('kCoulombEvA')).toBe(units.COULOMB_EV_A);
});

test('conversion_factors_follow_from_the_exact_si_constants', () => {
  // CODATA 2022: e = 1.602176634e-19 C, k = 1.380649e-23 J/K, N_A = 6.02214076e23 1/mol (all exact); cal_th = 4.184 J.
  const e = 1.602176634e-19;
  expect(units.GPA_PER_EV_A3).toBeCloseTo((e * 1e30) / 1e9, 12);
  expect(units.BOLTZMANN_EV_K).toBeCloseTo(1.380649e-23 / e, 18);
  expect(units.EV_PER_KCAL_MOL).toBeCloseTo(4184 / 6.02214076e23 / e, 14);
  expect(units.G_CM3_PER_AMU_A3).toBeCloseTo(1.66053906892e-27 * 1e3 * 1e24, 14);
  expect(units.KJ_MOL_PER_EV).toBeCloseTo((e * 6.02214076e23) / 1000, 10);
  expect(units.GAS_CONSTANT_J_MOL_K).toBeCloseTo(1.380649e-23 * 6.02214076e23, 12);
  expect(units.EV_PER_THZ).toBeCloseTo((6.62607015e-34 / e) * 1e12, 14);
  expect(units.THZ_PER_SQRT_EV_A2_AMU).toBeCloseTo(Math.sqrt((e * 1e20) / 1.66053906892e-27) / (2e12 * Math.PI), 10);
  const vacuumPermittivity = 8.8541878188e-12; // F/m
  expect(units.COULOMB_EV_A).toBeCloseTo((e / (4 * Math.PI * vacuumPermittivity)) * 1e10, 12);
});
