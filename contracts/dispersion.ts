// D3 dispersion on top of a model: what may be chosen. Formula and sources of every functional: docs/dispersion.md.
import { z } from 'zod';

/** Whose damping parameters there are. */
export const d3FunctionalSchema = z.enum([
  'b1b95',
  'b2plyp',
  'b3lyp',
  'b3pw91',
  'b973c',
  'b97d',
  'b97m',
  'bhlyp',
  'blyp',
  'bmk',
  'bp86',
  'bpbe',
  'camb3lyp',
  'hf',
  'hse03',
  'hse06',
  'hsesol',
  'lcwpbe',
  'mpw1b95',
  'mpwlyp',
  'olyp',
  'opbe',
  'pbe',
  'pbe0',
  'pbesol',
  'pw6b95',
  'r2scan',
  'r2scan0',
  'r2scan50',
  'r2scanh',
  'revpbe',
  'revpbe0',
  'revpbe38',
  'revtpss',
  'rpbe',
  'rpw86pbe',
  'rscan',
  'scan',
  'tpss',
  'tpss0',
  'tpssh',
  'wb97m',
  'wb97x',
]);

export const dispersionOptionsSchema = z.strictObject({
  functional: d3FunctionalSchema.default('pbe'),
  /** Of the pair energy, A: 40 Bohr, as mace-torch's calculators have it. */
  cutoff_A: z.number().min(5).max(60).default(21.167088422),
  /** Of the coordination numbers, A. */
  coordination_cutoff_A: z.number().min(5).max(60).default(21.167088422),
});
export type DispersionOptions = z.infer<typeof dispersionOptionsSchema>;
