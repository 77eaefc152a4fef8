import { expect, test } from 'vitest';
import type { Model } from '../../../contracts/model.ts';
import type { StructureSummary } from '../../../contracts/structure.ts';
import { findMisfit } from './check-model.ts';

const model: Model = {
  id: 'm',
  name: 'M',
  family: 'f',
  version: '1',
  supported_elements: ['C', 'H', 'O'],
  max_atoms: 100,
  d3_available: false,
  description: '',
  citation: '',
  is_custom: false,
  installed: true,
  license: null,
  download_url: null,
  is_recommended: false,
  heads: [],
  is_available: true,
  unavailable_reason: null,
  loaded_on: [],
  sha256: null,
  size_bytes: null,
};

const summary: StructureSummary = {
  n_atoms: 10,
  formula: 'C5H4O',
  elements: ['C', 'H', 'O'],
  cell_parameters: null,
  volume_A3: null,
  density_g_cm3: null,
  space_group: null,
  space_group_number: null,
  smallest_perpendicular_width_A: null,
  warnings: [],
};

test('a_fitting_model_has_no_misfit', () => {
  expect(findMisfit(model, summary)).toBeNull();
});

test('missing_elements_are_named', () => {
  const misfit = findMisfit(model, { ...summary, elements: ['C', 'Eu', 'Zn'] });
  expect(misfit).toEqual({ reason: 'unsupported', elements: ['Eu', 'Zn'] });
});

test('too_many_atoms_are_counted', () => {
  expect(findMisfit(model, { ...summary, n_atoms: 101 })).toEqual({ reason: 'tooMany', count: 101, max: 100 });
});
