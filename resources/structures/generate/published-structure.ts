// The shape of a published crystal structure and of the rule that turns it into an ordered, guest-free model.

export interface Publication {
  readonly authors: readonly string[];
  readonly title: string;
  readonly journal: string;
  readonly year: number;
  readonly volume: string;
  readonly first_page?: string;
  readonly doi: string;
}

/** A hydrogen that the publication does not list. It points away from the neighbors of the atom that carries it. */
export interface PlacedHydrogen {
  /** Published label of the atom that carries it. */
  readonly on: string;
  /** Only on this image of the site, an operation of the published group; on all of them when absent. */
  readonly image?: string;
  readonly bond_length_A: number;
  /** Neighbors of the carrier are the atoms within this distance. */
  readonly neighbors_within_A: number;
}

/**
 * The hydrogens of a hydroxide or a water molecule on one metal, at tetrahedral angles. Hydroxides and waters stand in
 * pairs: the water turns one hydrogen towards its partner, the hydroxide turns its own away from it.
 */
export interface PlacedOnTerminalOxygen {
  readonly on: string;
  readonly image: string;
  readonly ligand: 'hydroxide' | 'water';
  readonly bond_length_A: number;
  readonly neighbors_within_A: number;
}

/** Where the model has lower symmetry than the refinement: which images of the published sites it keeps. */
export interface Ordering {
  /** A subgroup of the published space group, in the same setting and with the same origin. */
  readonly space_group: string;
  /**
   * Published label -> operations of the published group; every image keeps its orbit under the subgroup.
   * Sites that are not named keep all their images.
   */
  readonly kept_images: Readonly<Record<string, readonly string[]>>;
}

export interface StructureVariant {
  readonly name: string;
  readonly cell: 'conventional' | 'primitive';
  readonly category: 'benchmark' | 'mof' | 'zeolite';
}

export interface PublishedStructure {
  readonly title: string;
  readonly publication: Publication;
  /** Entry of the database that holds the refinement as the authors deposited it, and the conditions. */
  readonly deposition: string;
  /** Symbol of the refinement, with its setting where the symbol leaves that open. */
  readonly space_group: string;
  /** As published, standard uncertainties included. */
  readonly cell: {
    readonly a: string;
    readonly b: string;
    readonly c: string;
    readonly gamma?: string;
  };
  /** One site per line as published: label, element, x, y, z; guests and minor components left out. */
  readonly sites: string;
  readonly ordering?: Ordering;
  readonly placed_hydrogens?: readonly PlacedHydrogen[];
  readonly placed_on_terminal_oxygens?: readonly PlacedOnTerminalOxygen[];
  /** How hydrogens and disorder were treated, for people. */
  readonly preparation: string;
  readonly variants: readonly StructureVariant[];
}
