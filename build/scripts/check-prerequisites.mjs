// Says in one sentence each what is missing to build and run, and the command that installs it. Plain JavaScript: it must
// run on whatever Node the host has.
import { spawnSync } from 'node:child_process';
import process from 'node:process';

const MINIMUM_NODE = [20, 19];
const MINIMUM_GCC_MAJOR = 11;
const MINIMUM_CLANG_MAJOR = 14;
const MINIMUM_CMAKE = [3, 25];

/** @param {string} command @param {string[]} args */
function outputOf(command, args) {
  const run = spawnSync(command, args, { encoding: 'utf8' });
  return run.status === 0 ? run.stdout : null;
}

/** @param {string} linux @param {string} mac @param {string} windows */
function installHint(linux, mac, windows) {
  return { linux: `sudo apt-get install ${linux}`, darwin: mac, win32: windows }[process.platform] ?? linux;
}

/** @param {string | undefined} text @param {number[]} minimum */
function isAtLeast(text, minimum) {
  const numbers = (text ?? '').split('.').map(Number);
  for (const [i, wanted] of minimum.entries()) {
    const found = numbers[i] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

const missing = [];

if (!isAtLeast(process.versions.node, [24])) {
  missing.push(
    isAtLeast(process.versions.node, MINIMUM_NODE)
      ? `This script runs on Node ${process.versions.node}, but the project brings its own Node 24: run \`npm ci\` (with optional dependencies) and start it through \`npm run\`.`
      : `Node ${process.versions.node} is too old: install Node ${MINIMUM_NODE.join('.')} or newer from https://nodejs.org, then run \`npm ci\`.`,
  );
}

const compiler = process.env.CXX ?? (process.platform === 'win32' ? 'cl' : 'c++');
const compilerVersion =
  process.platform === 'win32' ? outputOf('where', [compiler]) : outputOf(compiler, ['--version']);
const compilerHint = installHint(
  'g++',
  'xcode-select --install',
  'winget install Microsoft.VisualStudio.2022.BuildTools',
);
if (compilerVersion === null) {
  missing.push(`No C++20 compiler (\`${compiler}\`) was found: install one with \`${compilerHint}\`.`);
} else if (process.platform !== 'win32') {
  const major = Number(outputOf(compiler, ['-dumpversion'])?.split('.')[0] ?? 0);
  const minimum = compilerVersion.includes('clang') ? MINIMUM_CLANG_MAJOR : MINIMUM_GCC_MAJOR;
  if (major < minimum) {
    missing.push(
      `The C++ compiler \`${compiler}\` is version ${major}, C++20 needs ${minimum}: update it with \`${compilerHint}\`.`,
    );
  }
}

const cmakeVersion = outputOf('cmake', ['--version'])?.match(/version (\S+)/)?.[1];
const cmakeHint = installHint('cmake', 'brew install cmake', 'winget install Kitware.CMake');
if (cmakeVersion === undefined) {
  missing.push(`CMake was not found: install it with \`${cmakeHint}\`.`);
} else if (!isAtLeast(cmakeVersion, MINIMUM_CMAKE)) {
  missing.push(
    `CMake ${cmakeVersion} is too old, ${MINIMUM_CMAKE.join('.')} is needed: update it with \`${cmakeHint}\`.`,
  );
}

if (
  process.platform !== 'win32' &&
  outputOf('make', ['--version']) === null &&
  outputOf('ninja', ['--version']) === null
) {
  missing.push(
    `Neither make nor ninja was found: install one with \`${installHint('make', 'xcode-select --install', '')}\`.`,
  );
}

for (const sentence of missing) process.stderr.write(`${sentence}\n`);
process.exit(missing.length === 0 ? 0 : 1);
