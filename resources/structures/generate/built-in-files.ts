// All built-in structures and their index, as text: pure, so that a test can hold the committed files against it.
import type { BuiltinStructureIndex } from '../../../contracts/structure.ts';
import { builtinStructureIndexSchema } from '../../../contracts/structure.ts';
import { hillFormula } from '../../../worker/structures/formula.ts';
import { parseSymmetryOperation } from '../../../worker/structures/symmetry-operations.ts';
import type { Model } from './build-model.ts';
import { buildModel } from './build-model.ts';
import { METAL_ORGANIC_FRAMEWORKS } from './metal-organic-frameworks.ts';
import { primitiveCellOf } from './primitive-cell.ts';
import type { PublishedStructure, StructureVariant } from './published-structure.ts';
import type { BuiltInFile } from './write-built-in.ts';
import { formatCitation, writeBuiltIn } from './write-built-in.ts';
import { ZEOLITES } from './zeolites.ts';

const IDENTITY = parseSymmetryOperation('x,y,z');

function fileOf(published: PublishedStructure, model: Model, { name, cell }: StructureVariant): BuiltInFile {
  if (cell === 'primitive') {
    const primitive = primitiveCellOf(model);
    return {
      name,
      published,
      spaceGroup: { symbol: 'P 1', number: 1 },
      operations: [IDENTITY],
      cell: primitive.cell,
      sites: primitive.atoms,
      symbols: primitive.atoms.map(({ element }) => element),
    };
  }
  return {
    name,
    published,
    spaceGroup: { symbol: published.ordering?.space_group ?? published.space_group, number: model.setting.number },
    operations: model.operations,
    cell: model.cell,
    sites: model.asymmetricUnit,
    symbols: model.atoms.map(({ element }) => element),
  };
}

/** File name in resources/structures -> its text, index.json last. */
export function buildBuiltInFiles(): Map<string, string> {
  const files = new Map<string, string>();
  const structures: BuiltinStructureIndex['structures'] = [];
  for (const published of [...METAL_ORGANIC_FRAMEWORKS, ...ZEOLITES]) {
    const model = buildModel(published);
    for (const variant of published.variants) {
      const file = fileOf(published, model, variant);
      const filename = `${variant.name}.cif`;
      files.set(filename, writeBuiltIn(file));
      structures.push({
        name: variant.name,
        file: filename,
        formula: hillFormula(file.symbols),
        n_atoms: file.symbols.length,
        category: variant.category,
        title: variant.cell === 'primitive' ? `${published.title}; primitive cell` : published.title,
        space_group: published.ordering?.space_group ?? published.space_group,
        citation: formatCitation(published.publication),
        doi: published.publication.doi,
        preparation: `${published.preparation} Source: ${published.deposition}.`,
      });
    }
  }
  const index = builtinStructureIndexSchema.parse({ structures });
  return files.set('index.json', JSON.stringify(index, null, 2) + '\n');
}
