import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCifSyntax } from './cif-syntax.ts';
import { StructureError } from './structure-error.ts';

function itemsOf(text: string): Record<string, string | null> {
  return Object.fromEntries(parseCifSyntax(`data_test\n${text}`)[0]!.items);
}

describe('CIF 1.1 values', () => {
  it.each([
    ['apostrophe inside a quoted word', "_x 'it's here'", "it's here"],
    ['other quote inside quotes', `_x "a 'b' c"`, "a 'b' c"],
    ['quote inside a bare word', "_x ab'c", "ab'c"],
    ['hash inside a bare word', '_x a#b', 'a#b'],
    ['comment behind a value', "_x 1 # 'not closed", '1'],
    ['quoted question mark', "_x '?'", '?'],
    ['unknown', '_x ?', null],
    ['not applicable', '_x .', null],
    ['text field', '_x\n;first\n second;\n;\n', 'first\n second;'],
    ['semicolon inside a line', '_x a;b', 'a;b'],
    ['tabs and Windows line ends', '_x\t1\r\n', '1'],
  ])('%s', (_what, text, expected) => {
    expect(itemsOf(text)).toEqual({ _x: expected });
  });

  it('without their quotes are joined along the line, with a warning', () => {
    const [block] = parseCifSyntax('data_t\n_name P 1 21/c 1\n_next 2\n');
    expect(Object.fromEntries(block!.items)).toEqual({ _name: 'P 1 21/c 1', _next: '2' });
    expect(block!.warnings).toEqual(['"_name" should have its value in quotes; it was read as "P 1 21/c 1".']);
  });

  it('in save frames are skipped', () => {
    expect(itemsOf('save_frame\n_x 1\nsave_\n_x 2\n')).toEqual({ _x: '2' });
  });

  it('given twice count once, with a warning', () => {
    const [block] = parseCifSyntax('data_t\n_x 1\n_X 2\n');
    expect(block!.items.get('_x')).toBe('1');
    expect(block!.warnings.length).toBe(1);
  });
});

describe('CIF loops', () => {
  it('give rows and columns', () => {
    const [loop] = parseCifSyntax("data_t\nLOOP_ _A _b\n1 'two'\n? .\n_c 3")[0]!.loops;
    expect(loop?.nRows).toBe(2);
    expect([loop?.value(0, 0), loop?.value(0, 1), loop?.value(1, 0), loop?.value(1, 1)]).toEqual([
      '1',
      'two',
      null,
      null,
    ]);
    expect([...loop!.columns]).toEqual([
      ['_a', 0],
      ['_b', 1],
    ]);
  });
});

describe('CIF faults name the line', () => {
  it.each([
    ['incomplete row', 'data_t\n\nloop_\n_a\n_b\n1 2 3\n', /line 3: the loop .* 2 data names and 3 values/],
    ['loop without names', 'data_t\nloop_\n1\n', /line 2: loop_ is followed by no data name/],
    ['quote that is not closed', "data_t\n_a 'x\n_b 1\n", /line 2: a quoted value is not closed/],
    ['text field that is not closed', 'data_t\n_a\n;text\n', /line 3: a text field/],
    ['value without a name', 'data_t\n_a 1\nstray\n', /line 3: "stray" has no data name/],
    ['name without a value', 'data_t\n_a\n_b 1\n', /line 2: "_a" has no value/],
    ['item before the first block', '_a 1\n', /line 1: a CIF must begin/],
  ])('%s', (_what, text, message) => {
    expect(() => parseCifSyntax(text)).toThrow(message);
  });

  it('never anything but a StructureError on any text', () => {
    const fragment = fc.constantFrom(
      'data_',
      'loop_',
      'save_',
      '_a',
      '_b.c',
      "'",
      '"',
      ';',
      '\n',
      '\r',
      ' ',
      '#',
      '?',
      '.',
      'x',
      '1(2)',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), (parts) => {
        try {
          parseCifSyntax(parts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(StructureError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
