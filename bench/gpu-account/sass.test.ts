import { describe, expect, it } from 'vitest';
import { gpus, occupancy, residentBlocks } from './gpus.ts';
import { launchesOf, mpa0 } from './mace-work.ts';
import { parseResources, parseSass } from './sass.ts';

const listing = `
		Function : first_kernel
        /*0000*/                   LDC R1, c[0x0][0x28] ;             /* 0x00 */
        /*0010*/                   LDG.E.128 R4, desc[UR8][R2.64] ;   /* 0x00 */
        /*0020*/                   LDS.64 R8, [R9] ;                  /* 0x00 */
        /*0030*/                   FFMA R1, R4, R8, R1 ;              /* 0x00 */
        /*0040*/              @!P3 BRA 0x10 ;                         /* 0x00 */
        /*0050*/               @P0 BRA 0x0 ;                          /* 0x00 */
        /*0060*/                   EXIT ;                             /* 0x00 */
        /*0070*/                   NOP ;                              /* 0x00 */
		Function : second_kernel
        /*0000*/                   STL [R1], R2 ;                     /* 0x00 */
        /*0010*/                   BAR.SYNC 0x0 ;                     /* 0x00 */
`;

describe('listings of cuobjdump', () => {
  it('counts the instructions of a kernel and of its innermost loop', () => {
    const [first, second] = parseSass(listing);
    expect(first?.name).toBe('first_kernel');
    expect(first?.whole.all).toBe(7);
    expect(first?.loops).toHaveLength(1);
    expect(first?.loops[0]).toMatchObject({ all: 4, fma: 1, globalLoads: 1, globalLoadBytes: 16, sharedBytes: 8 });
    expect(second?.whole).toMatchObject({ localAccesses: 1, barriers: 1 });
    expect(second?.loops).toEqual([]);
  });

  it('reads what a kernel takes', () => {
    const text = ' Function first_kernel:\n  REG:86 STACK:8 SHARED:10496 LOCAL:0 CONSTANT[0]:632\n';
    expect(parseResources(text)).toEqual([{ name: 'first_kernel', registers: 86, stackBytes: 8, sharedBytes: 10496 }]);
  });
});

describe('occupancy', () => {
  const h200 = gpus[0];

  it('is bound by what runs out first', () => {
    if (h200 === undefined) throw new Error('There is no GPU.');
    expect(residentBlocks(h200, { threads: 128, registers: 128, sharedBytes: 1024 })).toBe(4);
    expect(residentBlocks(h200, { threads: 32, registers: 32, sharedBytes: 1024 })).toBe(32);
    expect(residentBlocks(h200, { threads: 32, registers: 32, sharedBytes: 57 * 1024 })).toBe(4);
    expect(occupancy(h200, { threads: 1024, registers: 32, sharedBytes: 1024 })).toBe(1);
  });
});

describe('what an evaluation asks for', () => {
  it('counts the arithmetic of linear maps by their matrices', () => {
    const messages = launchesOf(mpa0(60, 4)).filter(({ name }) => name.endsWith('message'));
    expect(messages.map(({ operations }) => operations)).toEqual([2 * 16 * 128 * 128, 2 * 40 * 128 * 128]);
  });

  it('grows with the neighbors only where edges are', () => {
    const few = launchesOf(mpa0(30, 4));
    const many = launchesOf(mpa0(60, 4));
    const grown = many.filter(({ operations }, k) => operations > (few[k]?.operations ?? 0)).map(({ name }) => name);
    expect(grown.every((name) => /convolution|edge|neighbor|repulsion|forces|virials/.test(name))).toBe(true);
    expect(grown).toHaveLength(9);
  });
});
