// Every adsorbate file says what its publication says, and is a molecule that the kernel can turn about its center.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Vector3 } from '../../contracts/structure.ts';
import { adsorbateModelSchema } from '../../contracts/adsorbate.ts';
import { listAdsorbates, readAdsorbate, toKernelAdsorbate } from './read-adsorbate.ts';

const RESOURCES = join(import.meta.dirname, '../../resources');
const names = await listAdsorbates(RESOURCES);

function difference(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** Typed here once more from the papers that the files cite: site -> epsilon/k (K), sigma (A), charge (e). */
const PUBLISHED: Record<string, Record<string, [number, number, number]>> = {
  CO2_TraPPE: { C: [27, 2.8, 0.7], O1: [79, 3.05, -0.35], O2: [79, 3.05, -0.35] },
  N2_TraPPE: { N1: [36, 3.31, -0.482], N2: [36, 3.31, -0.482], COM: [0, 0, 0.964] },
  CH4_TraPPE: { CH4: [148, 3.73, 0] },
  Ar: { Ar: [119.8, 3.405, 0] },
  Xe: { Xe: [221, 4.1, 0] },
  He: { He: [10.9, 2.64, 0] },
  H2_Darkrim: { COM: [36.7, 2.958, -0.936], H1: [0, 0, 0.468], H2: [0, 0, 0.468] },
  H2O_TIP4P: { O: [78.02, 3.15365, 0], H1: [0, 0, 0.52], H2: [0, 0, 0.52], M: [0, 0, -1.04] },
  'H2O_TIP4P-2005': { O: [93.2, 3.1589, 0], H1: [0, 0, 0.5564], H2: [0, 0, 0.5564], M: [0, 0, -1.1128] },
  H2O_SPCE: { O: [78.18, 3.166, -0.8476], H1: [0, 0, 0.4238], H2: [0, 0, 0.4238] },
};

test('every_file_is_held_against_its_publication', () => {
  expect(names).toEqual(Object.keys(PUBLISHED).sort());
});

describe.each(names)('%s', (name) => {
  test('has_the_published_parameters', async () => {
    const { sites } = await readAdsorbate(RESOURCES, name);
    const found = Object.fromEntries(sites.map((site) => [site.name, [site.epsilon_K, site.sigma_A, site.charge_e]]));
    expect(found).toEqual(PUBLISHED[name]);
  });

  test('is_neutral_and_centered_on_its_mass', async () => {
    const { sites } = await readAdsorbate(RESOURCES, name);
    expect(sites.reduce((sum, { charge_e }) => sum + charge_e, 0)).toBeCloseTo(0, 12);
    const mass = sites.reduce((sum, { mass_amu }) => sum + mass_amu, 0);
    expect(mass).toBeGreaterThan(2);
    for (const axis of [0, 1, 2] as const) {
      const moment = sites.reduce((sum, { position_A, mass_amu }) => sum + mass_amu * position_A[axis], 0);
      // Positions are written with ten decimals.
      expect(Math.abs(moment / mass)).toBeLessThan(1e-9);
    }
  });

  test('has_the_published_bonds_and_angles', async () => {
    const { sites, bonds, angles } = await readAdsorbate(RESOURCES, name);
    expect(bonds.length).toBeGreaterThanOrEqual(sites.filter(({ mass_amu }) => mass_amu > 0).length - 1);
    const between = (i: number, j: number) => difference(sites[j]!.position_A, sites[i]!.position_A);
    for (const { sites: pair, length_A } of bonds) {
      const bond = between(...pair);
      expect(Math.sqrt(dot(bond, bond))).toBeCloseTo(length_A, 8);
    }
    for (const { sites: triple, degrees } of angles) {
      const [u, v] = [between(triple[1], triple[0]), between(triple[1], triple[2])];
      const cosine = dot(u, v) / Math.sqrt(dot(u, u) * dot(v, v));
      expect(cosine).toBeCloseTo(Math.cos((degrees * Math.PI) / 180), 8);
    }
  });

  test('goes_to_the_kernel_in_electronvolts', async () => {
    const adsorbate = await readAdsorbate(RESOURCES, name);
    const model = adsorbateModelSchema.parse(toKernelAdsorbate(adsorbate));
    for (const [i, { epsilon_eV }] of model.sites.entries()) {
      // k_B = 1.380649e-23 J/K over e = 1.602176634e-19 C, both exact.
      const expected = (adsorbate.sites[i]!.epsilon_K * 1.380649e-23) / 1.602176634e-19;
      expect(Math.abs(epsilon_eV - expected)).toBeLessThan(1e-12);
    }
  });
});

test('published_geometries_of_water_are_told_apart', async () => {
  // O-H and H-O-H: gas phase for TIP4P and TIP4P/2005, tetrahedral for SPC/E. O-M: 0.15 and 0.1546 A.
  const geometry = async (name: string) => {
    const { bonds, angles } = await readAdsorbate(RESOURCES, name);
    return [...bonds.map(({ length_A }) => length_A), ...angles.map(({ degrees }) => degrees)];
  };
  expect(await geometry('H2O_TIP4P')).toEqual([0.9572, 0.9572, 0.15, 104.52]);
  expect(await geometry('H2O_TIP4P-2005')).toEqual([0.9572, 0.9572, 0.1546, 104.52]);
  expect(await geometry('H2O_SPCE')).toEqual([1, 1, 109.47]);
  expect(await geometry('CO2_TraPPE')).toEqual([1.16, 1.16, 180]);
  expect(await geometry('N2_TraPPE')).toEqual([1.1, 180]);
  expect(await geometry('H2_Darkrim')).toEqual([0.741, 180]);
});

test('an_unknown_adsorbate_is_refused_with_the_names_of_those_there_are', async () => {
  await expect(readAdsorbate(RESOURCES, '../structures/index')).rejects.toThrow(/there are Ar, CH4_TraPPE, CO2_TraPPE/);
});
