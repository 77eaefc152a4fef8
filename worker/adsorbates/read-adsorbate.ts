// The adsorbates that come with the program, and their numbers in the kernel's units.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { adsorbateFileSchema } from '../../contracts/adsorbate.ts';
import type { AdsorbateFile, AdsorbateModel } from '../../contracts/adsorbate.ts';
import { BOLTZMANN_EV_K } from '../../contracts/units.ts';

/** Names of all adsorbates in `<resourcesFolder>/adsorbates`, sorted. */
export async function listAdsorbates(resourcesFolder: string): Promise<string[]> {
  const files = await readdir(join(resourcesFolder, 'adsorbates'));
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/**
 * One adsorbate by its name.
 *
 * @throws RangeError when there is none of that name; it lists those that there are
 */
export async function readAdsorbate(resourcesFolder: string, name: string): Promise<AdsorbateFile> {
  const known = await listAdsorbates(resourcesFolder);
  if (!known.includes(name)) {
    throw new RangeError(`There is no adsorbate "${name}"; there are ${known.join(', ')}.`);
  }
  const text = await readFile(join(resourcesFolder, 'adsorbates', `${name}.json`), 'utf8');
  return adsorbateFileSchema.parse(JSON.parse(text));
}

/** Epsilon in eV instead of K; all else as in the file. */
export function toKernelAdsorbate(adsorbate: AdsorbateFile): AdsorbateModel {
  return {
    name: adsorbate.name,
    sites: adsorbate.sites.map(({ name, position_A, epsilon_K, sigma_A, charge_e, mass_amu }) => ({
      name,
      position_A,
      epsilon_eV: epsilon_K * BOLTZMANN_EV_K,
      sigma_A,
      charge_e,
      mass_amu,
    })),
  };
}
