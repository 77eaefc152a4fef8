// `--param name=@file.json`: a parameter too long for a command line, such as a molecule or reference configurations.
import { readFileSync } from 'node:fs';
import { badInput } from './cli-error.ts';

const FILE_SETTING = /^([^=]+)=@(.+)$/s;

/**
 * @returns the settings with the content of each file in the place of its name
 * @throws CliError bad input for a file that cannot be read or is no JSON
 */
export function withParameterFiles(settings: readonly string[]): string[] {
  return settings.map((setting) => {
    const [, name, path] = FILE_SETTING.exec(setting) ?? [];
    return name === undefined || path === undefined ? setting : `${name}=${readJson(name, path)}`;
  });
}

function readJson(name: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw badInput(
      `--param ${name}: ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  try {
    JSON.parse(text);
  } catch {
    throw badInput(`--param ${name}: ${path} does not hold JSON.`);
  }
  return text;
}
