// `mofsim campaign …`: many structures x tasks x models for the running service. Commands and their options; each is loaded
// when it is called for.
import type { Command } from 'commander';

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

export function addCampaignCommands(campaign: Command): void {
  const common = (command: Command): Command =>
    command
      .option('--url <url>', 'address of the service; default: MOFSIM_URL, else that of the data folder')
      .option('--home <folder>', 'data folder; default as for serve')
      .option('--json', 'print one line of JSON');
  const withReference = (command: Command): Command =>
    command
      .option('--reference <file>', 'CSV of reference values: a column of names, columns named as quantities')
      .option('--name-column <header>', 'its column of names; default: structure_name, structure or name')
      .option('--column <quantity=header>', 'its column of a quantity, where it has another name; repeatable', collect);
  withReference(common(campaign.command('submit')))
    .description('submit structures x tasks x models; what cannot be computed is told in the table and stops nothing')
    .argument('<sources...>', 'folders, CIF, XYZ or POSCAR files, built-in names; or one specification.json')
    .option('--task <type>', 'task type; repeatable', collect)
    .option('--model <id>', 'model; repeatable', collect)
    .option('--param <name=value>', 'parameter of the tasks that know it, or option of the model; repeatable', collect)
    .option('--precision <name>', 'float64 | float32 | mixed')
    .option('--priority <name>', 'CRITICAL | HIGH | NORMAL | LOW; default: LOW')
    .option('--name <text>', 'name of the campaign; default: that of the folder or file')
    .option('--tag <text>', 'label of its tasks; repeatable', collect)
    .option('--timeout <seconds>', 'longest time of computation of a task')
    .option('--with-d3', 'DFT-D3 on top of the models')
    .option('--wait', 'follow it until it has ended; exit code 1 when a cell did not complete')
    .action(async (sources: string[], options: unknown) =>
      (await import('./campaign/submit-campaign.ts')).submitCampaign(sources, options),
    );
  common(campaign.command('list'))
    .description('campaigns, newest first')
    .action(async (options: unknown) => (await shown()).listCampaigns(options));
  common(campaign.command('show'))
    .description('how far a campaign is')
    .argument('<campaign_id>')
    .action(async (id: string, options: unknown) => (await shown()).showCampaign(id, options));
  common(campaign.command('follow'))
    .description('until it has ended; exit code 1 when a cell did not complete. Ctrl-C ends the following only')
    .argument('<campaign_id>')
    .action(async (id: string, options: unknown) => (await shown()).followToEnd(id, options));
  common(campaign.command('table'))
    .description('its table: a line per structure, task and model')
    .argument('<campaign_id>')
    .option('--csv <file>', 'save it as CSV')
    .option('--status <name>', 'only cells in this state, such as FAILED or REFUSED')
    .action(async (id: string, options: unknown) => (await shown()).showTable(id, options));
  withReference(common(campaign.command('scores')))
    .description('its errors against reference values')
    .argument('<campaign_id>')
    .action(async (id: string, options: unknown) => (await shown()).showScores(id, options));
  common(campaign.command('report'))
    .description('save its report: scores, parity plots, every row, as one HTML file')
    .argument('<campaign_id>')
    .option('--out <file>', 'default: CAMPAIGN_ID.html here')
    .action(async (id: string, options: unknown) => (await shown()).saveReport(id, options));
  for (const [name, description] of [
    ['cancel', 'cancel whatever of it waits or runs'],
    ['retry', 'submit once more whatever did not complete'],
    ['delete', 'delete it with its tasks, once it has ended'],
  ] as const) {
    common(campaign.command(name))
      .description(description)
      .argument('<campaign_id>')
      .action(async (id: string, options: unknown) => (await shown()).changeCampaign(name, id, options));
  }
}

const shown = () => import('./campaign/show-campaign.ts');
