import { expect, test } from 'vitest';
import { modelConfigSchema } from '../../../contracts/model.ts';
import { isModelFile, modelNameOf } from './model-file.ts';

test('checkpoints_are_known_by_their_extension', () => {
  expect(['a.model', 'b.PT', 'c.pth'].every(isModelFile)).toBe(true);
  expect(['a.cif', 'model', 'b.pt.cif'].some(isModelFile)).toBe(false);
});

test('a_name_is_made_that_the_service_accepts', () => {
  expect(modelNameOf('MACE MPA (2).model')).toBe('MACE_MPA_2');
  for (const filename of [
    '微调模型.model',
    '..hidden.pt',
    '_a b_.pth',
    `${'x'.repeat(300)}.model`,
    'mace-mp-0b3-medium.model',
  ]) {
    expect(modelConfigSchema.shape.name.safeParse(modelNameOf(filename)).success, filename).toBe(true);
  }
});

test('a_file_that_is_offered_under_this_name_becomes_that_model_unless_it_is_there_already', () => {
  const offered = { id: 'mace_x', download_url: 'https://example.org/releases/mace-x.model', installed: false };
  expect(modelNameOf('mace-x.model', [offered])).toBe('mace_x');
  expect(modelNameOf('mace-x.model', [{ ...offered, installed: true }])).toBe('mace-x');
  expect(modelNameOf('y.model', [offered])).toBe('y');
});
