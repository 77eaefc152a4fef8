// Adsorbates that come with the program: resources/adsorbates/<name>.json. Numbers as published; the kernel gets them
// in its units (worker/adsorbates/): adsorbateModelSchema.
import { z } from 'zod';
import { vector3Schema } from './structure.ts';

export const adsorbateFileSiteSchema = z.strictObject({
  name: z.string().min(1).max(32),
  /** Element that a viewer draws; null for a place that is no atom. */
  element: z.string().max(2).nullable(),
  /** Relative to the center of mass, A. */
  position_A: vector3Schema,
  /** E = 4 epsilon ((sigma/r)^12 - (sigma/r)^6); epsilon over Boltzmann's constant, K. */
  epsilon_K: z.number().nonnegative(),
  sigma_A: z.number().nonnegative(),
  charge_e: z.number(),
  mass_amu: z.number().nonnegative(),
});

export const adsorbateFileSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_.-]+$/),
  formula: z.string().min(1),
  title: z.string().min(1),
  citation: z.string().min(1),
  /** null for a book that has none. */
  doi: z
    .string()
    .regex(/^10\.\d{4,}\//)
    .nullable(),
  /** A second source that has the same numbers. */
  checked_against: z.string().min(1),
  notes: z.string(),
  sites: z.array(adsorbateFileSiteSchema).min(1).max(32),
  /** The published geometry; indices of sites. The positions above follow from it. */
  bonds: z.array(z.strictObject({ sites: z.tuple([z.int(), z.int()]), length_A: z.number().positive() })),
  angles: z.array(z.strictObject({ sites: z.tuple([z.int(), z.int(), z.int()]), degrees: z.number() })),
});
export type AdsorbateFile = z.infer<typeof adsorbateFileSchema>;

/** A place of a rigid adsorbate that interacts: E = 4 epsilon ((sigma/r)^12 - (sigma/r)^6) and its charge. */
export const adsorbateSiteSchema = z.strictObject({
  name: z.string().min(1).max(32),
  /** Cartesian, A, relative to the center of mass. */
  position_A: z.tuple([z.number(), z.number(), z.number()]),
  epsilon_eV: z.number().nonnegative(),
  sigma_A: z.number().nonnegative(),
  charge_e: z.number(),
  mass_amu: z.number().nonnegative(),
});

export const adsorbateModelSchema = z.strictObject({
  name: z.string().min(1).max(64),
  sites: z.array(adsorbateSiteSchema).min(1).max(32),
});
export type AdsorbateModel = z.infer<typeof adsorbateModelSchema>;

/** What a task may name -> the file that it means: a molecule's usual model under the molecule's name, the others under theirs. */
export const ADSORBATES = {
  CO2: 'CO2_TraPPE',
  N2: 'N2_TraPPE',
  CH4: 'CH4_TraPPE',
  Ar: 'Ar',
  Xe: 'Xe',
  He: 'He',
  H2: 'H2_Darkrim',
  H2O: 'H2O_SPCE',
  H2O_TIP4P: 'H2O_TIP4P',
  'H2O_TIP4P-2005': 'H2O_TIP4P-2005',
} as const;

export const adsorbateNameSchema = z.enum(Object.keys(ADSORBATES) as (keyof typeof ADSORBATES)[]);
export type AdsorbateName = z.infer<typeof adsorbateNameSchema>;
