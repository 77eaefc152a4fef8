// The conversion of our polynomials into LAMMPS styles, checked against the styles' own formulas
// (LAMMPS manual: angle_style cosine/periodic, fourier; dihedral_style harmonic).
import { describe, expect, test } from 'vitest';
import { angleCoefficients, dihedralCoefficients } from './deck.ts';

function evaluatePolynomial(polynomial: readonly number[], x: number): number {
  return polynomial.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

function lammpsAngleEnergy(coefficients: string, theta: number): number {
  const [style, ...words] = coefficients.split(' ');
  const [a = NaN, b = NaN, c = NaN, d = NaN] = words.map(Number);
  if (style === 'fourier') return a * (b + c * Math.cos(theta) + d * Math.cos(2 * theta));
  return ((2 * a) / c ** 2) * (1 - b * (-1) ** c * Math.cos(c * theta));
}

describe('LAMMPS deck', () => {
  const angles = {
    linear: [2, 2, 0, 0, 0],
    trigonal: [1.5, 4.5, 0, -6, 0],
    'square planar': [0, 0, 8, 0, -8],
    tetrahedral: [0.9, 1.7, 2.4, 0, 0],
  };
  test.each(Object.entries(angles))('%s_angles_keep_their_energy', (_, polynomial) => {
    for (const theta of [0.3, 1.1, 1.9, 2.7, 3.1]) {
      const energy = lammpsAngleEnergy(angleCoefficients(polynomial), theta);
      expect(energy).toBeCloseTo(evaluatePolynomial(polynomial, Math.cos(theta)), 12);
    }
  });

  const torsions = {
    twofold: [4, 0, -4, 0, 0, 0, 0],
    threefold: [1, -3, 0, 4, 0, 0, 0],
    sixfold: [2, 0, -18, 0, 48, 0, -32],
  };
  test.each(Object.entries(torsions))('%s_torsions_keep_their_energy', (_, polynomial) => {
    const [k = NaN, d = NaN, n = NaN] = dihedralCoefficients(polynomial).split(' ').map(Number);
    for (const phi of [0, 0.4, 1.3, 2.2, 3.0]) {
      expect(k * (1 + d * Math.cos(n * phi))).toBeCloseTo(evaluatePolynomial(polynomial, Math.cos(phi)), 12);
    }
  });
});
