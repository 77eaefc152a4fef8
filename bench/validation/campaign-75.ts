// `node bench/validation/campaign-75.ts FOLDER`: the benchmark list of MOFSimBench as one campaign of a service, relaxed with both dialects of UFF4MOF,
// scored against the volumes of DFT. Writes docs/validation/campaign-75.md. FOLDER holds the reference data with an index; no row of it is written, only
// deviations. The data folder is out/validation/campaign-75: called again, it goes on, and a campaign that has ended is only told again.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import type { CampaignReference } from '../../contracts/campaign.ts';
import { ApiClient } from '../../worker/cli/api-client.ts';
import { findSources, loadStructures } from '../../worker/cli/campaign/find-structures.ts';
import { followCampaign } from '../../worker/cli/campaign/follow-campaign.ts';
import { API_KEY, makeUnlimitedHome, startService } from '../service-process.ts';
import { campaignPage } from './campaign-page.ts';
import type { Benchmark } from './campaign-page.ts';
import { plainName, readPublishedRatios } from './published-relaxations.ts';

const REPOSITORY = resolve(import.meta.dirname, '..', '..');
const HOME = join(REPOSITORY, 'out', 'validation', 'campaign-75');
const PAGE = join(REPOSITORY, 'docs', 'validation', 'campaign-75.md');
const NAME = 'MOFSimBench list, UFF4MOF';
const DIALECTS = ['paper', 'lammps_interface'] as const;

const indexSchema = z.array(
  z.object({
    set: z.string(),
    name: z.string(),
    file: z.string(),
    in_benchmark_list: z.boolean(),
    n_atoms: z.int(),
    cell_volume_A3: z.number(),
    dft_optimised_n_atoms: z.int().nullable().default(null),
    dft_optimised_volume_A3: z.number().nullable().default(null),
  }),
);

/** File, reference value, and what the page compares with besides, of every structure of the list. */
async function readBenchmark(folder: string): Promise<Benchmark[]> {
  const index = indexSchema.parse(JSON.parse(await readFile(join(folder, 'structures', 'index.json'), 'utf8')));
  const published = await readPublishedRatios(join(folder, 'uff4mof_lammps_opt.csv'));
  return index.flatMap((entry) => {
    const { dft_optimised_volume_A3: volume, dft_optimised_n_atoms: n_atoms } = entry;
    if (entry.set !== 'main_set' || !entry.in_benchmark_list || volume === null || n_atoms === null) return [];
    const volume_per_atom_A3 = volume / n_atoms;
    const start = entry.cell_volume_A3 / entry.n_atoms / volume_per_atom_A3;
    const ratio = published.get(plainName(entry.name));
    return [
      {
        name: basename(entry.file).replace(/\.\w+$/, ''),
        file: join(folder, 'structures', entry.file),
        volume_per_atom_A3,
        start_percent: 100 * (start - 1),
        // Their volume is that of a supercell of the same input, so the ratio to its own start carries over.
        published_percent: ratio === undefined ? null : 100 * (ratio * start - 1),
      },
    ];
  });
}

async function submit(api: ApiClient, benchmark: readonly Benchmark[]): Promise<string> {
  const { campaigns } = await api.campaigns();
  const known = campaigns.find(({ name }) => name === NAME);
  if (known !== undefined) return known.campaign_id;
  const sources = findSources(benchmark.map(({ file }) => file));
  const reference: CampaignReference[] = benchmark.map(({ name: structure_name, volume_per_atom_A3: value }) => {
    return { structure_name, quantity: 'volume_per_atom_A3', value };
  });
  const receipt = await api.submitCampaign({
    name: NAME,
    structures: await loadStructures(sources, (filename, bytes) => api.uploadStructure(filename, bytes)),
    tasks: DIALECTS.map((dialect) => ({
      task_type: 'optimization',
      label: dialect,
      parameters: { fmax: 0.001, max_steps: 5000, model_options: { dialect, cutoff_A: 12.5, fallback: 'uff' } },
    })),
    models: ['uff4mof'],
    reference,
  });
  return receipt.campaign_id;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder of the reference data.');
const benchmark = await readBenchmark(folder);
await makeUnlimitedHome(HOME);
const service = await startService(HOME);
try {
  const api = new ApiClient(service.url, API_KEY, AbortSignal.timeout(24 * 3600 * 1000));
  const campaign_id = await submit(api, benchmark);
  const campaign = await followCampaign(api, campaign_id);
  const rows = await api.campaignRows(campaign_id);
  await writeFile(PAGE, campaignPage(campaign, rows, await api.campaignScores(campaign_id), benchmark));
  await api.saveCampaignReport(campaign_id, join(HOME, 'report.html'));
  process.stderr.write(`Wrote ${PAGE}; format it with prettier.\n`);
} finally {
  await service.stop();
}
