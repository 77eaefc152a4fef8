import { expect, test } from 'vitest';
import { structureFilesOf } from './structure-files.ts';

test('only_structure_files_are_taken_from_a_command_line', () => {
  const argv = ['.', '--no-sandbox', '--log=a.cif', 'MOF-5.cif', '/data/run/POSCAR', 'relaxed.extxyz', 'notes.txt'];
  expect(structureFilesOf(argv)).toEqual(['MOF-5.cif', '/data/run/POSCAR', 'relaxed.extxyz']);
});
