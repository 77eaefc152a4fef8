import { describe, expect, it } from 'vitest';
import type { Cell } from '../../contracts/structure.ts';
import { operationsOfSetting, settingsFromHallSymbol, settingsFromName, settingsFromNumber } from './space-groups.ts';
import { parseSymmetryOperation, validateOperations } from './symmetry-operations.ts';

const CUBE: Cell = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
const HEXAGONAL: Cell = [
  [1, 0, 0],
  [-0.5, Math.sqrt(3) / 2, 0],
  [0, 0, 1.6],
];

describe('symmetry operations as text', () => {
  it.each(['-y, x-y, z+1/3', '-Y,X-Y,1/3+Z', " ' -y , +x-y , z + 0.3333 ' ", '-y,-y+x,z-2/3'])(
    '%s is read alike',
    (text) => {
      expect(parseSymmetryOperation(text)).toEqual({
        rotation: [
          [0, -1, 0],
          [1, -1, 0],
          [0, 0, 1],
        ],
        translation: [0, 0, 1 / 3],
      });
    },
  );

  it.each([
    '',
    'x,y',
    'x,y,z,x',
    'x,y,w',
    'x,y,x',
    '2x,y,z',
    'x,y,z+1/0',
    'x,y,z+',
    'x y z',
    'x,,z',
    `${'x+'.repeat(100)}x,y,z`,
  ])('%j is refused', (text) => {
    expect(() => parseSymmetryOperation(text)).toThrow(
      expect.objectContaining({ reason: 'invalid_symmetry', code: 42201 }),
    );
  });
});

describe('space groups', () => {
  // Orders in the conventional cell: International Tables for Crystallography A.
  it.each([
    [1, 1],
    [2, 2],
    [14, 4],
    [15, 8],
    [62, 8],
    [70, 32],
    [141, 32],
    [148, 18],
    [166, 36],
    [194, 24],
    [205, 24],
    [225, 192],
    [227, 192],
    [230, 96],
  ])('number %i has %i operations', (number, order) => {
    expect(operationsOfSetting(settingsFromNumber(number)[0]!).length).toBe(order);
  });

  it('are groups in all 530 settings, on a cell of their system', () => {
    let nSettings = 0;
    for (let number = 1; number <= 230; number += 1) {
      for (const setting of settingsFromNumber(number)) {
        nSettings += 1;
        const isHexagonal = number >= 143 && number <= 194 && setting.code !== 'R';
        const operations = operationsOfSetting(setting);
        expect(validateOperations(operations, isHexagonal ? HEXAGONAL : CUBE).length, setting.symbol).toBe(
          operations.length,
        );
      }
    }
    expect(nSettings).toBe(530);
  }, 60_000);

  it.each([
    ['P 21/c', 14, 'P 1 2_1/c 1'],
    ['P21/n', 14, 'P 1 2_1/n 1'],
    ['C2/c', 15, 'C 1 2/c 1'],
    ['Pnma', 62, 'P 2_1/n 2_1/m 2_1/a'],
    ['Pbnm', 62, 'P 2_1/b 2_1/n 2_1/m'],
    ['C m c a', 64, 'C 2/m 2/c 2_1/e'],
    ['R-3m:H', 166, 'R -3 2/m'],
    ['P 63/m m c', 194, 'P 6_3/m 2/m 2/c'],
    ['Fm3m', 225, 'F 4/m -3 2/m'],
  ])('%s is number %i, %s', (name, number, symbol) => {
    expect(settingsFromName(name)[0]).toMatchObject({ number, symbol });
  });

  it('are found by Hall symbol', () => {
    expect(settingsFromHallSymbol('-P 2ybc').map(({ number }) => number)).toEqual([14]);
    expect(settingsFromHallSymbol('-f 4vw 2vw 3')[0]).toMatchObject({ number: 227, code: '2' });
  });

  it.each([0, 231, -1, 1e9])('have no number %d', (number) => {
    expect(settingsFromNumber(number)).toEqual([]);
  });
});
