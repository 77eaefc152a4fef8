// Writes resources/structures/*.cif and index.json from the published values: `npx node resources/structures/generate/main.ts`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBuiltInFiles } from './built-in-files.ts';

for (const [filename, text] of buildBuiltInFiles()) writeFileSync(join(import.meta.dirname, '..', filename), text);
