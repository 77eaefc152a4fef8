// The one place that starts moyo (symmetry analysis, compiled to WebAssembly). Source: https://github.com/spglib/moyo
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initSync } from '@spglib/moyo-wasm';

let isStarted = false;

/** Compile and start the module once per thread, 6 ms; every caller of moyo's functions goes through here first. */
export function startMoyo(): void {
  if (isStarted) return;
  const file = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm');
  initSync({ module: readFileSync(file) });
  isStarted = true;
}
