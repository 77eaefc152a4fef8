import { readFileSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { DEFAULT_UNTRUSTED_LIMITS, parseUntrusted } from './parse-in-worker.ts';

const limits = DEFAULT_UNTRUSTED_LIMITS;
const rockSalt = readFileSync(new URL('./test-data/rock-salt-fm3m.cif', import.meta.url));

/** A cubic cell with `nAtoms` carbon atoms on a grid, 10 A apart. */
function largeCif(nAtoms: number): Buffer {
  const side = Math.ceil(Math.cbrt(nAtoms));
  const lines = ['data_large', ...['a', 'b', 'c'].map((axis) => `_cell_length_${axis} ${side * 10}`)];
  lines.push(...['alpha', 'beta', 'gamma'].map((angle) => `_cell_angle_${angle} 90`), 'loop_', '_atom_site_label');
  lines.push(...['x', 'y', 'z'].map((axis) => `_atom_site_fract_${axis}`));
  for (let i = 0; i < nAtoms; i += 1) {
    const grid = [i % side, Math.floor(i / side) % side, Math.floor(i / side / side)];
    lines.push(`C${i} ${grid.map((place) => place / side).join(' ')}`);
  }
  return Buffer.from(lines.join('\n'));
}

describe('an untrusted file', () => {
  it('is parsed and summarised, the bytes of the caller stay', async () => {
    const { structures, summary } = await parseUntrusted(rockSalt, 'rock-salt.cif');
    expect(structures[0].structure.symbols.length).toBe(8);
    expect(summary).toMatchObject({ formula: 'Cl4Na4', space_group: 'F m -3 m', space_group_number: 225 });
    expect(rockSalt.length).toBeGreaterThan(0);
  });

  it('is refused with the code of the parser', async () => {
    await expect(parseUntrusted(Buffer.from('data_x\n'), 'x.cif')).rejects.toMatchObject({
      code: 42201,
      reason: 'no_atoms',
    });
  });

  it('is refused by size before a thread starts', async () => {
    await expect(parseUntrusted(rockSalt, 'x.cif', { ...limits, maxBytes: 10 })).rejects.toMatchObject({ code: 40010 });
  });

  it('with too many atoms is refused', async () => {
    await expect(parseUntrusted(largeCif(20_001), 'x.cif')).rejects.toMatchObject({
      code: 42201,
      reason: 'too_many_atoms',
    });
  });

  it('is stopped when time is up', async () => {
    const request = parseUntrusted(largeCif(20_000), 'x.cif', { ...limits, timeoutMs: 1 });
    await expect(request).rejects.toMatchObject({ code: 42201, reason: 'parse_timeout' });
  });

  it('after another is read by the same thread, whatever became of that one', async () => {
    const names = ['x.cif', 'x.cif', 'x.pdb'];
    const files = [rockSalt, Buffer.from('data_x\n'), Buffer.from('hello')];
    const threads = new Set<number>();
    const onThread = (worker: Worker): void => void threads.add(worker.threadId);
    process.on('worker', onThread);
    for (let i = 0; i < 9; i += 1) {
      const request = parseUntrusted(files[i % 3] ?? rockSalt, names[i % 3] ?? '');
      if (i % 3 === 0) expect((await request).summary.n_atoms).toBe(8);
      else await expect(request).rejects.toMatchObject({ code: i % 3 === 1 ? 42201 : 40009 });
    }
    process.off('worker', onThread);
    expect(threads.size).toBeLessThanOrEqual(1);
  });

  it('beside others is read as if alone', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, (_, i) => parseUntrusted(largeCif(i + 1), 'x.cif')));
    expect(all.map(({ summary }) => summary.n_atoms)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is stopped when memory is up', async () => {
    const request = parseUntrusted(largeCif(300_000), 'x.cif', { ...limits, maxAtoms: 1e6, memoryMiB: 16 });
    await expect(request).rejects.toMatchObject({ code: 42201, reason: 'parse_memory' });
  });

  it('keeps its structure when only the space group takes too long', async () => {
    const { summary } = await parseUntrusted(largeCif(4000), 'x.cif', { ...limits, symmetryTimeoutMs: 1 });
    expect(summary).toMatchObject({ n_atoms: 4000, space_group: null });
    expect(summary.warnings.join()).toMatch(/space group was not determined/);
  });
});
