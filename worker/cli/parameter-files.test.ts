import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interactionEnergyParametersSchema } from '../../contracts/results/interaction-energy.ts';
import { withParameterFiles } from './parameter-files.ts';
import { collectParameters } from './task-parameters.ts';

describe('withParameterFiles', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mofsim-parameters-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('a_molecule_comes_from_a_file_and_other_settings_stay', () => {
    const molecule = { name: 'CO', sites: [{ element: 'C', position_A: [0, 0, 0] }] };
    const path = join(folder, 'molecule.json');
    writeFileSync(path, JSON.stringify(molecule, null, 2));
    const settings = withParameterFiles([`molecule=@${path}`, 'grid_spacing=1']);
    expect(collectParameters(settings, interactionEnergyParametersSchema)).toMatchObject({ molecule, grid_spacing: 1 });
  });

  it('a_file_that_is_missing_or_is_no_json_is_named', () => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, '{');
    expect(() => withParameterFiles([`molecule=@${path}`])).toThrow(/broken\.json does not hold JSON/);
    expect(() => withParameterFiles(['molecule=@/nowhere.json'])).toThrow(/nowhere\.json cannot be read/);
  });
});
