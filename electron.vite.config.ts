// Builds the desktop application into out/: main, preload, the window's page, and the entries that run in processes of their own.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { fileURLToPath } from 'node:url';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  main: {
    build: {
      outDir: path('./out/main'),
      target: 'node24',
      rolldownOptions: {
        input: {
          main: path('./electron/main.ts'),
          'task-process': path('./worker/task-process/main.ts'),
          // Started as a thread by whoever parses; it must lie beside the code that asks for `./parse-worker.js`.
          'parse-worker': path('./worker/structures/parse-worker.ts'),
          // As above, for whoever asks for `./checkpoint-thread.js`.
          'checkpoint-thread': path('./worker/store/checkpoint-thread.ts'),
          // As above, for whoever asks for `./frequency-thread.js`.
          'frequency-thread': path('./worker/phonons/frequency-thread.ts'),
          // As above, for whoever asks for `./import-thread.js`.
          'import-thread': path('./worker/models/mace/import-thread.ts'),
          // As above, for whoever asks for `./import-thread.js`.
          'import-thread': path('./worker/models/mace/import-thread.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: path('./out/preload'),
      // A sandboxed preload script is one CommonJS file and can load no modules.
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: path('./electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: path('./renderer'),
    // Relative addresses: the page is served at / by the service and may be mounted elsewhere by a proxy.
    base: './',
    plugins: [react()],
    build: {
      outDir: path('./out/renderer'),
      emptyOutDir: true,
      target: 'chrome140',
      minify: true,
      // The content security policy allows scripts from files only.
      assetsInlineLimit: 0,
      // One file from this machine's disk; nothing is gained by loading it in pieces.
      chunkSizeWarningLimit: 2000,
      rolldownOptions: {
        input: path('./renderer/index.html'),
        // 3Dmol evaluates text in one function that we do not call, and the content security policy forbids it at run time.
        checks: { eval: false },
      },
    },
  },
});
