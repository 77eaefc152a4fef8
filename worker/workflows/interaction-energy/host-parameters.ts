// The framework's Lennard-Jones parameters and charges, when the task brings its own. Pure.
import type { HostParameters, InteractionEnergyParameters } from '../../../contracts/results/interaction-energy.ts';
import type { Structure } from '../../../contracts/structure.ts';
import { BOLTZMANN_EV_K } from '../../../contracts/units.ts';
import type { HostLennardJones } from '../../kernel-client/insertions.ts';
import { isElement } from '../../structures/elements.ts';
import { TaskFailure } from '../task-failure.ts';

const UFF4MOF_CITATION =
  'UFF4MOF: Addicoat et al., J. Chem. Theory Comput. 10, 880 (2014); Coupry et al., ibid. 12, 5215 (2016)';

export interface Host {
  /** undefined: UFF4MOF's. */
  lennard_jones: HostLennardJones | undefined;
  /** [n_atoms] e, when the parameters have charges. */
  charges: number[] | undefined;
  citation: string;
  warnings: string[];
}

type HostSite = HostParameters['sites'][number];

/** @throws TaskFailure ModelError for an atom without parameters, and for options that contradict them */
export function hostOf(
  { host_parameters: given, model_options: options, lennard_jones }: InteractionEnergyParameters,
  structure: Structure,
): Host {
  if (lennard_jones === 'shifted' && options.tail_correction === true) {
    const message =
      'A shifted Lennard-Jones energy has no tail correction. Use lennard_jones=truncated, or leave out tail_correction.';
    throw new TaskFailure('ModelError', message, { parameter: 'lennard_jones' });
  }
  if (given === undefined)
    return { lennard_jones: undefined, charges: undefined, citation: UFF4MOF_CITATION, warnings: [] };
  const hasCharges = given.sites.some(({ charge_e }) => charge_e !== undefined);
  const { charges = 'none' } = options;
  if (hasCharges && charges !== 'none') {
    const message =
      `host_parameters brings charges and model_options.charges=${charges} asks for others. Leave one of them out: ` +
      'charge_e in host_parameters, or model_options.charges.';
    throw new TaskFailure('ModelError', message, { parameter: 'host_parameters', charges });
  }
  const ofAtoms = sitesOfAtoms(given.sites, structure);
  return {
    lennard_jones: {
      epsilon_eV: ofAtoms.map(({ epsilon_K }) => epsilon_K * BOLTZMANN_EV_K),
      sigma_A: ofAtoms.map(({ sigma_A }) => sigma_A),
    },
    charges: hasCharges ? ofAtoms.map(({ charge_e = 0 }) => charge_e) : undefined,
    citation: given.citation ?? 'Given with the task',
    warnings: unusedWarnings(given.sites, ofAtoms),
  };
}

/** [n_atoms]; a label counts before an element. */
function sitesOfAtoms(sites: readonly HostSite[], { symbols, labels }: Structure): HostSite[] {
  const byName = new Map(sites.map((site) => [site.site, site]));
  const missing = new Set<string>();
  const found = symbols.flatMap((symbol, i) => {
    const label = labels?.[i] ?? symbol;
    const site = byName.get(label) ?? byName.get(symbol);
    if (site === undefined) missing.add(symbol);
    return site ?? [];
  });
  if (missing.size === 0) return found;
  const message =
    `host_parameters has nothing for ${[...missing].join(', ')}. Add a site with that element, or sites with the labels of ` +
    'those atoms.';
  throw new TaskFailure('ModelError', message, { parameter: 'host_parameters', missing: [...missing] });
}

/** A table for many frameworks has elements that this one lacks; a label that no atom has is a slip. */
function unusedWarnings(sites: readonly HostSite[], used: readonly HostSite[]): string[] {
  const inUse = new Set(used);
  const unused = sites.filter((site) => !inUse.has(site) && !isElement(site.site)).map(({ site }) => site);
  if (unused.length === 0) return [];
  return [`host_parameters names ${unused.join(', ')}, which is no element and the label of no atom: it was not used.`];
}
