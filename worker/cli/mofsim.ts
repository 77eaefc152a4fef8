#!/usr/bin/env node
// `mofsim`: one file per command, loaded when it is called for, so that every command starts quickly.
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { APPLICATION_VERSION } from '../version.ts';
import { addCampaignCommands } from './campaign.ts';
import { CliError, EXIT_BAD_INPUT, EXIT_FAILED } from './cli-error.ts';

enableCompileCache();

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

function createProgram(): Command {
  const program = new Command('mofsim')
    .description('Simulations of metal-organic frameworks on this machine.')
    .version(APPLICATION_VERSION)
    .showHelpAfterError('(mofsim --help shows how it is used)')
    .exitOverride();

  program
    .command('serve')
    .description('start the service: API, queue, and the page for the browser')
    .option('--port <number>', 'loopback port; 0 takes a free one', parsePort, 8377)
    .option('--home <folder>', 'data folder; default: MOFSIM_HOME, else the user-data folder of the platform')
    .action(async (options: { port: number; home?: string }) => (await import('./serve.ts')).serve(options));

  program
    .command('devices')
    .description('list what the kernel can compute on')
    .option('--json', 'print one line of JSON')
    .action(async (options: { json?: true }) => (await import('./devices.ts')).devices(options));

  withCalculationOptions(program.command('evaluate'))
    .description('energy, forces and stress of one structure')
    .argument('<file>', 'CIF, extended XYZ or POSCAR file, or the name of a built-in structure')
    .action(async (file: string, options: unknown) => (await import('./evaluate.ts')).evaluate(file, options));

  withCalculationOptions(program.command('run'))
    .description('run one task and write its results into a folder')
    .argument('<task>', 'task type, such as optimization')
    .argument('<file>', 'CIF, extended XYZ or POSCAR file, or the name of a built-in structure')
    .option('--out <folder>', 'empty or new folder for the results; default: NAME-TASK here')
    .action(async (task: string, file: string, options: unknown) =>
      (await import('./run.ts')).run(task, file, options),
    );

  addModelCommands(program.command('models').description('MACE models: which there are, what a file is, bringing one'));
  addKeyCommands(program.command('keys').description('API keys: for scripts and other people'));

  program
    .command('restore')
    .description('put an automatic backup in the place of the database; what was there is kept under another name')
    .argument('[backup]', 'file name of a backup; default: the last one')
    .option('--home <folder>', 'data folder; default as for serve')
    .option('--list', 'name the backups')
    .action(async (backup: string | undefined, options: { home?: string; list?: true }) => {
      (await import('./restore.ts')).restore(backup, options);
    });

  program
    .command('reproduce')
    .description('run an exported task again and compare the results')
    .argument('<file>', 'zip that `mofsim export` or the API made')
    .option('--out <folder>', 'empty or new folder for the results; default: NAME-TASK-again here')
    .option('--model <file>', 'checkpoint of the model, where it is not imported here; it must be the very file')
    .option('--device <name>', 'cpu | cuda:<n>; default: the first GPU, else the CPU')
    .option('--json', 'print one line of JSON')
    .action(async (file: string, options: unknown) => (await import('./reproduce.ts')).reproduce(file, options));

  addServiceCommands(program);
  addCampaignCommands(program.command('campaign').description('many structures x tasks x models as one submission'));

  program
    .command('demo')
    .description('relax a built-in framework through the service, from start to report')
    .action(async () => (await import('./demo.ts')).demo());

  return program;
}

/** What a script asks of the running service. */
function addServiceCommands(program: Command): void {
  const common = (command: Command): Command =>
    command
      .option('--url <url>', 'address of the service; default: MOFSIM_URL, else that of the data folder')
      .option('--home <folder>', 'data folder; default as for serve')
      .option('--json', 'print one line of JSON');
  common(program.command('submit'))
    .description('submit tasks to the running service and print their ids; all are accepted or none')
    .argument('<task>', 'task type, such as optimization')
    .argument('<files...>', 'CIF, extended XYZ or POSCAR files, or names of built-in structures')
    .requiredOption('--model <id>', 'model, such as uff4mof')
    .option('--param <name=value>', 'parameter of the task or option of the model; repeatable', collect)
    .option('--precision <name>', 'float64 | float32 | mixed')
    .option('--priority <name>', 'CRITICAL | HIGH | NORMAL | LOW')
    .option('--name <text>', 'name of the tasks in lists')
    .option('--tag <text>', 'label to find them by; repeatable', collect)
    .option('--timeout <seconds>', 'longest time of computation')
    .option('--with-d3', 'DFT-D3 on top of the model')
    .option('--wait', 'until all have ended; exit code 1 when one did not complete')
    .action(async (task: string, files: string[], options: unknown) =>
      (await import('./submit.ts')).submit(task, files, options),
    );
  common(program.command('tasks'))
    .description('list tasks, newest first')
    .option('--status <name>', 'PENDING | QUEUED | ASSIGNED | RUNNING | COMPLETED | FAILED | CANCELLED | TIMEOUT')
    .option('--tag <text>', 'those with this tag')
    .option('--search <text>', 'part of the name or the structure')
    .option('--limit <number>', 'at most so many, up to 200', '20')
    .action(async (options: unknown) => (await import('./tasks.ts')).listTasks(options));
  common(program.command('cancel'))
    .description('cancel tasks')
    .argument('<task_ids...>')
    .action(async (ids: string[], options: unknown) => (await import('./tasks.ts')).cancelTasks(ids, options));
  common(program.command('export'))
    .description('save a task that has ended as a zip that `reproduce` runs again')
    .argument('<task_id>')
    .option('--out <file>', 'default: TASK_ID.zip here')
    .action(async (id: string, options: unknown) => (await import('./tasks.ts')).exportTask(id, options));
}

function addModelCommands(models: Command): void {
  const home = ['--home <folder>', 'data folder; default as for serve'] as const;
  const json = ['--json', 'print one line of JSON'] as const;
  models
    .command('list')
    .description('built-in, imported and published models')
    .option(...home)
    .option(...json)
    .action(async (options: unknown) => (await import('./models-list.ts')).listModels(options));
  models
    .command('inspect')
    .description('tell what a checkpoint is and what of it would be refused; nothing is written')
    .argument('<file>', '.model file, or a training checkpoint (.pt)')
    .option('--details <file>', 'JSON with what the weights of a training checkpoint do not say (docs/models.md)')
    .option(...json)
    .action(async (file: string, options: unknown) =>
      (await import('./models-inspect.ts')).inspectModel(file, options),
    );
  models
    .command('import')
    .description('bring a checkpoint into the data folder, or into the service that runs on it')
    .argument('<file>', '.model file, or a training checkpoint (.pt)')
    .requiredOption('--id <id>', 'name of the model, such as mace_mpa_0_medium')
    .option('--details <file>', 'JSON with what the weights of a training checkpoint do not say (docs/models.md)')
    .option('--description <text>', 'for lists')
    .option(...home)
    .option(...json)
    .action(async (file: string, options: unknown) => (await import('./models-import.ts')).importModel(file, options));
}

function addKeyCommands(keys: Command): void {
  const common = (command: Command): Command =>
    command.option('--home <folder>', 'data folder; default as for serve').option('--json', 'print one line of JSON');
  common(keys.command('list'))
    .description('every key with its scope and state')
    .action(async (options: { home?: string; json?: true }) => (await import('./keys.ts')).listKeys(options));
  common(keys.command('create'))
    .description('make a key and print it, once')
    .argument('<name>', 'what it is for')
    .option('--scope <scope>', 'read | submit | admin; default: submit')
    .option('--expires <time>', 'YYYY-MM-DD, or ISO 8601 with time zone')
    .action(async (name: string, options: { home?: string; json?: true; scope?: string; expires?: string }) =>
      (await import('./keys.ts')).createKey(name, options),
    );
  common(keys.command('revoke'))
    .description('end a key at once')
    .argument('<key_id>', 'as `keys list` shows it')
    .action(async (key_id: string, options: { home?: string; json?: true }) =>
      (await import('./keys.ts')).revokeKey(key_id, options),
    );
  common(keys.command('show'))
    .description('print the first key, which the service keeps in its data folder')
    .action(async (options: { home?: string; json?: true }) => (await import('./keys.ts')).showFirstKey(options));
}

function withCalculationOptions(command: Command): Command {
  return command
    .requiredOption('--model <model>', 'uff4mof, an imported model, or the path of a checkpoint')
    .option('--with-d3', 'DFT-D3 on top of the model')
    .option('--param <name=value>', 'parameter of the task or option of the model; repeatable', collect)
    .option('--precision <name>', 'float64 | float32 | mixed')
    .option('--device <name>', 'cpu | cuda:<n>; default: the first GPU, else the CPU')
    .option(
      '--details <file>',
      'with a training checkpoint as the model: JSON with what it does not say (docs/models.md)',
    )
    .option('--json', 'print one line of JSON');
}

function exitCodeOf(error: unknown): number {
  // Help and version are told as errors of code 0; commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
  console.error(`mofsim: ${error instanceof Error ? error.message : String(error)}`);
  return error instanceof CliError ? error.exitCode : EXIT_FAILED;
}

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
