import { expect, test } from 'vitest';
import { modelConfigSchema } from '../../contracts/model.ts';
import { isElement } from '../structures/elements.ts';
import { MODELS } from './catalogue.ts';
import { PUBLISHED_MODELS, findPublishedModel, howToGet, recognizeModel } from './manifest.ts';

test('one model is recommended, and its licence allows any use', () => {
  const recommended = PUBLISHED_MODELS.filter(({ is_recommended }) => is_recommended);
  expect(recommended.map(({ id, license }) => [id, license])).toEqual([['mace_mpa_0_medium', 'MIT']]);
});

test('no two models share a name, a file or a checksum, and none is called as what comes with the program', () => {
  const names = PUBLISHED_MODELS.flatMap(({ id, aliases }) => [id, ...aliases]);
  expect(new Set([...names, ...MODELS.map(({ id }) => id)]).size).toBe(names.length + MODELS.length);
  for (const known of [
    PUBLISHED_MODELS.map(({ url }) => url),
    PUBLISHED_MODELS.flatMap(({ sha256 }) => sha256 ?? []),
  ]) {
    expect(new Set(known).size).toBe(known.length);
  }
});

test('every name is one that an import may have', () => {
  for (const { id } of PUBLISHED_MODELS) {
    expect(modelConfigSchema.safeParse({ name: id, family: 'mace' }).success, id).toBe(true);
  }
});

test('elements are elements, 89 of them for the models of crystals', () => {
  for (const { id, elements } of PUBLISHED_MODELS)
    expect(
      elements.filter((symbol) => !isElement(symbol)),
      id,
    ).toEqual([]);
  const sizes = new Map(PUBLISHED_MODELS.map(({ id, elements }) => [id, new Set(elements).size]));
  expect([sizes.get('mace_mpa_0_medium'), sizes.get('mace_off23_medium'), sizes.get('mace_mp_mof0')]).toEqual([
    89, 10, 0,
  ]);
});

test('the names of the benchmark lead to the files that it computed with', () => {
  const files = [
    'mace_prod',
    'mace_prod_b3',
    'mace_prod_0a',
    'mace_prod_mof',
    'mace_prod_omat',
    'mace_prod_matpes',
    'mace_off_prod',
  ];
  expect(files.map((name) => findPublishedModel(name)?.url.split('/').at(-1))).toEqual([
    'mace-mpa-0-medium.model',
    'mace-mp-0b3-medium.model',
    '2023-12-03-mace-128-L1_epoch-199.model',
    'mofs_v1.model',
    'mace-omat-0-medium.model',
    'MACE-matpes-r2scan-omat-ft.model',
    'MACE-OFF23_medium.model',
  ]);
  expect(findPublishedModel('MACE_PROD')?.id).toBe('mace_mpa_0_medium');
  expect(findPublishedModel('uff4mof')).toBeNull();
});

test('a file is recognised by its checksum, or by its number of parameters as one of several', () => {
  const mpa = findPublishedModel('mace_mpa_0_medium');
  expect(recognizeModel(mpa?.sha256 ?? '', null).is).toBe(mpa);
  const { is, mayBe } = recognizeModel('0'.repeat(64), 9_063_204);
  expect([is, mayBe.map(({ id }) => id)]).toEqual([null, ['mace_mpa_0_medium', 'mace_mp_0b3_medium']]);
});

test('the way to a model that is not there names address, licence and command', () => {
  const omat = findPublishedModel('mace_omat_0_medium');
  const { en, zh } = howToGet(omat!);
  for (const text of [en, zh])
    for (const part of [omat!.url, 'ASL', '--id mace_omat_0_medium']) expect(text).toContain(part);
  expect(en).toContain('academic use only');
});
