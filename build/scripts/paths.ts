// Where things lie in a checkout. Everything that a script writes goes below `out/`, which git ignores.
import { fileURLToPath } from 'node:url';

export const repositoryFolder = fileURLToPath(new URL('../..', import.meta.url));
export const kernelSourceFolder = fileURLToPath(new URL('../../worker/kernel', import.meta.url));
export const kernelBuildFolder = fileURLToPath(new URL('../../out/kernel', import.meta.url));
