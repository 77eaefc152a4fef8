// The CIF file of one built-in structure: our header, the publication, the model's symmetry, the atoms.
import type { Cell } from '../../../contracts/structure.ts';
import { G_CM3_PER_AMU_A3 } from '../../../contracts/units.ts';
import { cellParameters, volumeOf } from '../../../worker/structures/cell.ts';
import { hillFormula, massOf } from '../../../worker/structures/formula.ts';
import type { SymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import type { ModelAtom } from './build-model.ts';
import type { Publication, PublishedStructure } from './published-structure.ts';

export interface BuiltInFile {
  readonly name: string;
  readonly published: PublishedStructure;
  readonly spaceGroup: { readonly symbol: string; readonly number: number };
  readonly operations: readonly SymmetryOperation[];
  readonly cell: Cell;
  /** What the file lists: the asymmetric unit under the operations. */
  readonly sites: readonly ModelAtom[];
  /** Element symbols of the whole cell. */
  readonly symbols: readonly string[];
}

export function formatCitation({ authors, journal, volume, first_page, year }: Publication): string {
  const names = authors.map((author) => author.split(', ').reverse().join(' ')).join(', ');
  const pages = first_page === undefined ? '' : `, ${first_page}`;
  return `${names}, ${journal} ${volume}${pages} (${year})`;
}

export function writeBuiltIn(file: BuiltInFile): string {
  const { name, published, cell, sites, symbols, operations, spaceGroup } = file;
  const { publication } = published;
  const parameters = cellParameters(cell);
  const density = (massOf(symbols) / volumeOf(cell)) * G_CM3_PER_AMU_A3;
  const lines = [
    `# ${published.title}`,
    `# Written by resources/structures/generate from the published values; the preparation is told below.`,
    `data_${name}`,
    `_chemical_name_common ${quote(name)}`,
    `_chemical_formula_sum ${quote(hillFormula(symbols, ' '))}`,
    `_exptl_crystal_density_diffrn ${density.toFixed(4)}`,
    '_citation_id primary',
    `_citation_title ${quote(publication.title)}`,
    `_citation_journal_abbrev ${quote(publication.journal)}`,
    `_citation_year ${publication.year}`,
    `_citation_journal_volume ${publication.volume}`,
    ...(publication.first_page === undefined ? [] : [`_citation_page_first ${publication.first_page}`]),
    `_citation_doi ${quote(publication.doi)}`,
    `_citation_special_details ${quote(published.deposition)}`,
    'loop_',
    '_citation_author_citation_id',
    '_citation_author_name',
    ...publication.authors.map((author) => `primary ${quote(author)}`),
    '_publ_section_comment',
    ';',
    ...wrapWords(published.preparation, 100),
    ';',
    ...(['a', 'b', 'c'] as const).map((axis) => `_cell_length_${axis} ${formatCellValue(parameters[axis])}`),
    ...(['alpha', 'beta', 'gamma'] as const).map(
      (angle) => `_cell_angle_${angle} ${formatCellValue(parameters[angle])}`,
    ),
    `_cell_volume ${volumeOf(cell).toFixed(4)}`,
    `_space_group_name_H-M_alt ${quote(spaceGroup.symbol)}`,
    `_space_group_IT_number ${spaceGroup.number}`,
    'loop_',
    '_space_group_symop_operation_xyz',
    ...operations.map((operation) => `'${formatOperation(operation)}'`),
    'loop_',
    '_atom_site_label',
    '_atom_site_type_symbol',
    '_atom_site_fract_x',
    '_atom_site_fract_y',
    '_atom_site_fract_z',
    '_atom_site_occupancy',
    '_atom_site_calc_flag',
    ...siteRows(sites),
  ];
  return lines.join('\n') + '\n';
}

function siteRows(sites: readonly ModelAtom[]): string[] {
  const counts = new Map<string, number>();
  return sites.map(({ element, fractional, isPlaced }) => {
    const count = (counts.get(element) ?? 0) + 1;
    counts.set(element, count);
    const coordinates = fractional.map((t) => t.toFixed(8)).join(' ');
    return `${`${element}${count}`.padEnd(5)} ${element.padEnd(2)} ${coordinates} 1 ${isPlaced ? 'calc' : 'd'}`;
  });
}

function formatCellValue(value: number): string {
  return String(Number(value.toFixed(8)));
}

/** CIF 1.1 is ASCII and writes accents as codes before the letter. Source: Int. Tables vol. G, section 2.2.7.4.13. */
const ACCENT_CODES: Readonly<Record<string, string>> = { Ø: '\\/O', å: '\\%a', é: "\\'e", ô: '\\^o', ü: '\\"u' };

/** Quoted when CIF asks for it; no value here holds both kinds of quotes. */
function quote(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]/g, (letter) => {
    const code = ACCENT_CODES[letter];
    if (code === undefined) throw new Error(`No CIF code for the letter "${letter}" in "${text}".`);
    return code;
  });
  if (/^[A-Za-z0-9.][^\s'"]*$/.test(ascii)) return ascii;
  return ascii.includes("'") ? `"${ascii}"` : `'${ascii}'`;
}

function wrapWords(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

function formatOperation({ rotation, translation }: SymmetryOperation): string {
  return rotation
    .map((row, i) => {
      const terms = row
        .map((factor, k) => (factor === 0 ? '' : `${factor > 0 ? '+' : '-'}${'xyz'.charAt(k)}`))
        .join('');
      const twentyFourths = Math.round(translation[i as 0 | 1 | 2] * 24);
      return `${terms.replace(/^\+/, '')}${formatFraction(twentyFourths)}`;
    })
    .join(',');
}

function formatFraction(twentyFourths: number): string {
  if (twentyFourths === 0) return '';
  const divisor = [12, 8, 6, 4, 3, 2, 1].find((n) => twentyFourths % n === 0 && 24 % n === 0) ?? 1;
  return `+${twentyFourths / divisor}/${24 / divisor}`;
}
