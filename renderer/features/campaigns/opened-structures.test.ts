import { expect, test } from 'vitest';
import type { UploadedStructure } from '../../../contracts/structure.ts';
import { openedStructures } from './opened-structures.ts';

const uploaded = (file_id: string) => ({ file_id }) as UploadedStructure;

test('every_file_is_a_structure_of_its_own_name_and_a_bad_one_has_its_reason', () => {
  expect(
    openedStructures([
      { filename: 'MOF-5.cif', state: 'ready', structure: uploaded('file_1') },
      { filename: 'MOF-5.cif', state: 'ready', structure: uploaded('file_2') },
      { filename: 'broken.cif', state: 'failed', error: new Error('no cell') },
      { filename: 'late.cif', state: 'reading' },
    ]),
  ).toEqual([
    { name: 'MOF-5', structure: { source: 'upload', file_id: 'file_1' } },
    { name: 'MOF-5 (2)', structure: { source: 'upload', file_id: 'file_2' } },
    { name: 'broken', structure: null, problem: 'no cell' },
  ]);
});
