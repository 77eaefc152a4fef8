// Equations of state in reduced form: E(V) = E0 + V0 B0 g(eta, b) with eta = V/V0 and b = B0'. g, its first two derivatives by eta and the
// mixed ones by b are all that energies, pressures and their gradients need. Pure.
import type { EquationOfState } from '../../../contracts/results/bulk-modulus.ts';

/** eV, eV/A^3, A^3, no unit. */
export interface EquationParameters {
  energy: number;
  bulkModulus: number;
  volume: number;
  derivative: number;
}

interface Reduced {
  g: number;
  /** dg/d(eta), d2g/d(eta)2. */
  g_eta: number;
  g_eta_eta: number;
  /** dg/db, d2g/d(eta)db. */
  g_b: number;
  g_eta_b: number;
}

const REDUCED: Readonly<Record<EquationOfState, (eta: number, b: number) => Reduced>> = {
  birch_murnaghan: reducedBirchMurnaghan,
  murnaghan: reducedMurnaghan,
  vinet: reducedVinet,
};

/** @returns eV */
export function energyAt(method: EquationOfState, p: EquationParameters, volume: number): number {
  return p.energy + p.volume * p.bulkModulus * REDUCED[method](volume / p.volume, p.derivative).g;
}

/** -dE/dV. @returns eV/A^3 */
export function pressureAt(method: EquationOfState, p: EquationParameters, volume: number): number {
  return -p.bulkModulus * REDUCED[method](volume / p.volume, p.derivative).g_eta;
}

/** @returns dE by energy, bulk modulus, volume, derivative */
export function energyGradient(method: EquationOfState, p: EquationParameters, volume: number): number[] {
  const eta = volume / p.volume;
  const { g, g_eta, g_b } = REDUCED[method](eta, p.derivative);
  return [1, p.volume * g, p.bulkModulus * (g - eta * g_eta), p.volume * p.bulkModulus * g_b];
}

/** @returns dP by bulk modulus, volume, derivative; a pressure knows no energy */
export function pressureGradient(method: EquationOfState, p: EquationParameters, volume: number): number[] {
  const eta = volume / p.volume;
  const { g_eta, g_eta_eta, g_eta_b } = REDUCED[method](eta, p.derivative);
  return [-g_eta, (p.bulkModulus * g_eta_eta * eta) / p.volume, -p.bulkModulus * g_eta_b];
}

/** Third order. Source: F. Birch, Phys. Rev. 71, 809 (1947), with x = eta^(-2/3): g = 9/16 [(x-1)^3 b + (x-1)^2 (6 - 4x)]. */
function reducedBirchMurnaghan(eta: number, b: number): Reduced {
  const x = eta ** (-2 / 3);
  const [x1, x2] = [(-2 / 3) * (x / eta), (10 / 9) * (x / eta ** 2)];
  const e = x - 1;
  const f = e ** 3 * b + e ** 2 * (6 - 4 * x);
  const f1 = 3 * e ** 2 * b + 2 * e * (6 - 4 * x) - 4 * e ** 2;
  const f2 = 6 * e * b + 2 * (6 - 4 * x) - 16 * e;
  const scale = 9 / 16;
  return {
    g: scale * f,
    g_eta: scale * f1 * x1,
    g_eta_eta: scale * (f2 * x1 ** 2 + f1 * x2),
    g_b: scale * e ** 3,
    g_eta_b: scale * 3 * e ** 2 * x1,
  };
}

/**
 * Source: F. D. Murnaghan, Proc. Natl. Acad. Sci. 30, 244 (1944): P = B0/b (eta^-b - 1). Its integral divides by b and b - 1; written with
 * phi(u) = (exp(u) - 1)/u and l = ln(eta) it is l^2 phi[l, (1 - b) l], a divided difference without poles.
 */
function reducedMurnaghan(eta: number, b: number): Reduced {
  const l = Math.log(eta);
  const integral = dividedPhi(l, (1 - b) * l);
  const z = -b * l;
  return {
    g: l ** 2 * integral.value,
    g_eta: l * (1 + z * dividedPhi(z, 0).value),
    g_eta_eta: eta ** (-b - 1),
    g_b: -(l ** 3) * integral.by_y,
    g_eta_b: -(l ** 2) * dividedPhi(z, z).value,
  };
}

/** Arguments are logarithms of volume ratios times b: the series is at its last digit long before. */
const PHI_TERMS = 60;

/** [phi(x) - phi(y)] / (x - y) and its derivative by y, for phi(u) = sum u^k / (k + 1)!; at x = y it is the derivative of phi. */
function dividedPhi(x: number, y: number): { value: number; by_y: number } {
  let [value, by_y, factorial] = [0, 0, 1];
  // h: sum of x^i y^(m - i), i = 0..m; d: its derivative by y.
  let [h, d, power] = [0, 0, 1];
  for (let m = 0; m < PHI_TERMS; m += 1) {
    d = y * d + h;
    h = x * h + power;
    power *= y;
    factorial *= m + 2;
    value += h / factorial;
    by_y += d / factorial;
  }
  return { value, by_y };
}

/** Source: P. Vinet et al., J. Phys.: Condens. Matter 1, 1941 (1989), with y = eta^(1/3) - 1 and c = 3/2 (b - 1): g = 9 y^2 h(c y). */
function reducedVinet(eta: number, b: number): Reduced {
  const y = Math.cbrt(eta) - 1;
  const [y1, y2] = [eta ** (-2 / 3) / 3, (-2 / 9) * eta ** (-5 / 3)];
  const c = 1.5 * (b - 1);
  const { h, h_u } = vinetShape(c * y);
  const exponential = Math.exp(-c * y);
  const g_y = 9 * y * exponential;
  return {
    g: 9 * y ** 2 * h,
    g_eta: g_y * y1,
    g_eta_eta: 9 * (1 - c * y) * exponential * y1 ** 2 + g_y * y2,
    g_b: 1.5 * 9 * y ** 3 * h_u,
    g_eta_b: 1.5 * -9 * y ** 2 * exponential * y1,
  };
}

/** Below it the closed form loses digits; the series then ends at the last digit of a double. */
const SERIES_LIMIT = 0.5;
const SERIES_TERMS = 20;

/** h(u) = [1 - (1 + u) exp(-u)] / u^2 and its derivative; 1/2 at u = 0. */
function vinetShape(u: number): { h: number; h_u: number } {
  if (Math.abs(u) > SERIES_LIMIT) {
    const h = (1 - (1 + u) * Math.exp(-u)) / u ** 2;
    return { h, h_u: Math.exp(-u) / u - (2 * h) / u };
  }
  let [h, h_u, coefficient] = [0, 0, 0.5];
  for (let k = 0; k < SERIES_TERMS; k += 1) {
    h += coefficient * u ** k;
    if (k > 0) h_u += k * coefficient * u ** (k - 1);
    // (-1)^k (k+1)/(k+2)!
    coefficient *= -(k + 2) / ((k + 1) * (k + 3));
  }
  return { h, h_u };
}
