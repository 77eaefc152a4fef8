// What every test of the window needs: a browser, a kernel and the built page, or the reason why it cannot run.
import { findChromium, openBrowser } from './browser.ts';
import type { BrowserOptions, OpenedPage } from './browser.ts';
import { builtKernel, hasBuiltPage } from './running-service.ts';

const chromium = findChromium();

export const kernel = builtKernel();

/** null when the window can be tested here. */
export const obstacle =
  chromium === null
    ? 'no Chromium found (install it, or name it in CHROMIUM_PATH)'
    : kernel === null
      ? 'no kernel found (npm run build:kernel)'
      : !hasBuiltPage()
        ? 'the page is not built (npm run build:app)'
        : null;

if (obstacle !== null) process.stderr.write(`The window's end-to-end tests are skipped: ${obstacle}.\n`);

export function open(options: BrowserOptions = {}): Promise<OpenedPage> {
  if (chromium === null) throw new Error('unreachable: these tests are skipped without Chromium');
  return openBrowser(chromium, options);
}
