// Reference configurations as frames of the task's file. The file of the first test is as ASE 3.29 writes it (ase.io.write, format "extxyz").
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfigurations } from './reference-frames.ts';

const LATTICE = 'Lattice="40.0 0.0 0.0 0.0 40.0 0.0 0.0 0.0 40.0"';
const FRAMEWORK = `1
${LATTICE} Properties=species:S:1:pos:R:3 pbc="T T T"
Ar       1.00000000       1.00000000       1.00000000
`;
const WITH_FORCES = `2
${LATTICE} Properties=species:S:1:pos:R:3:forces:R:3 interaction_energy_eV=-0.0123 n_guest_atoms=1 class=E name="at rest" pbc="T T T"
Ar       1.00000000       1.00000000       1.00000000       0.00000000       0.00000000       0.25000000
Ar       1.00000000       1.00000000       4.90000000       0.00000000       0.00000000      -0.25000000
`;
const plain = (keys: string): string => `2
${LATTICE} Properties=species:S:1:pos:R:3 ${keys} pbc="T T T"
Ar       1.00000000       1.00000000       1.00000000
Ar       1.00000000       1.00000000       4.50000000
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mofsim-reference-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const read = (...frames: string[]) => {
  if (frames.length > 0) writeFileSync(join(folder, 'input.xyz'), frames.join(''));
  return readConfigurations({ reference: undefined, reference_frames: true }, folder);
};

describe('reference configurations in a file', () => {
  it('are_the_frames_after_the_framework_with_what_their_second_lines_say', async () => {
    const [first, second, ...rest] = await read(
      FRAMEWORK,
      WITH_FORCES,
      plain('interaction_energy_eV=0.5 n_guest_atoms=1'),
    );
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ name: 'at rest', n_guest_atoms: 1 });
    expect(first!.reference).toEqual({
      n_guest_atoms: 1,
      interaction_energy_eV: -0.0123,
      class: 'E',
      forces_eV_A: [
        [0, 0, 0.25],
        [0, 0, -0.25],
      ],
    });
    expect(first!.structure.positions[1]).toEqual([1, 1, 4.9]);
    expect(second).toMatchObject({ name: 'frame 3', reference: { interaction_energy_eV: 0.5 } });
    expect(second!.reference.forces_eV_A).toBeUndefined();
  });

  it.each([
    ['no energy', 'n_guest_atoms=1', /"frame 2" has no interaction_energy_eV/],
    ['no number of guest atoms', 'interaction_energy_eV=1', /"frame 2" cannot be used: .*n_guest_atoms/],
    ['a guest without a framework', 'interaction_energy_eV=1 n_guest_atoms=2', /leaves no framework/],
    ['an unknown class', 'interaction_energy_eV=1 n_guest_atoms=1 class=Q', /cannot be used: .*class/],
  ])('with_%s_are_refused_by_name', async (_what, keys, message) => {
    await expect(read(FRAMEWORK, plain(keys))).rejects.toThrow(message);
  });

  it('with_a_force_that_is_no_number_are_refused', async () => {
    await expect(read(FRAMEWORK, WITH_FORCES.replace('-0.25000000', 'none'))).rejects.toThrow(/forces_eV_A/);
  });

  it('are_asked_for_when_the_file_has_none', async () => {
    await expect(read(FRAMEWORK)).rejects.toThrow(/this task has 0/);
  });

  it('are_asked_for_when_there_is_no_file', async () => {
    await expect(read()).rejects.toThrow(/needs an uploaded extended XYZ file/);
  });
});
