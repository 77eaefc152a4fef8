// Builds the desktop application into out/: main, preload, the window's page, and the entries that run in processes of their own.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import { fileURLToPath } from 'node:url';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  renderer: {
    root: path('./renderer'),
    // Relative addresses: the page is served at / by the service and may be mounted elsewhere by a proxy.
    base: './',
    plugins: [react()],
    build: {
      outDir: path('./out/renderer'),
      emptyOutDir: true,
      target: 'chrome140',
      // The content security policy allows scripts from files only.
      assetsInlineLimit: 0,
      rolldownOptions: { input: path('./renderer/index.html') },
    },
  },
});
