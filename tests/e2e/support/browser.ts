// A real Chromium with software WebGL, and everything that a page should not say, collected.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { API_KEY } from './running-service.ts';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const SCREENSHOTS = resolve(import.meta.dirname, '..', '..', '..', 'out', 'e2e-screenshots');

/** No network but the loopback, no first-run pages, WebGL on the CPU. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

export function findChromium(): string | null {
  const asked = process.env.CHROMIUM_PATH;
  if (asked !== undefined && asked !== '') return asked;
  return CANDIDATES.find((path) => existsSync(path)) ?? null;
}

export interface BrowserOptions {
  locale?: 'en-US' | 'zh-CN';
  colorScheme?: 'light' | 'dark';
  viewport?: { width: number; height: number };
  /** The page must then live without a 3D view. */
  withoutWebGl?: boolean;
}

export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** Console errors, page errors and violations of the content security policy. */
  readonly complaints: string[];
  screenshot(name: string): Promise<void>;
}

export async function openBrowser(executablePath: string, options: BrowserOptions = {}): Promise<OpenedPage> {
  const profile = mkdtempSync(join(tmpdir(), 'mofsim-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    locale: options.locale ?? 'en-US',
    colorScheme: options.colorScheme ?? 'light',
    viewport: options.viewport ?? { width: 1280, height: 800 },
    acceptDownloads: true,
    args: options.withoutWebGl === true ? [...ARGUMENTS, '--disable-3d-apis'] : ARGUMENTS,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => {
    complaints.push(error.message);
  });
  await page.exposeFunction('reportViolation', (violation: string) => {
    complaints.push(`content security policy: ${violation}`);
  });
  await page.addInitScript(() => {
    const { reportViolation } = globalThis as unknown as { reportViolation: (violation: string) => void };
    document.addEventListener('securitypolicyviolation', (event) => {
      reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return {
    page,
    complaints,
    screenshot: async (name) => {
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
    [Symbol.asyncDispose]: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** The address as `mofsim serve` prints it, with the key in the fragment. */
export function addressWithKey(url: string, route = ''): string {
  return `${url}/#key=${API_KEY}${route === '' ? '' : `&${route}`}`;
}

/** What dragging files from the desktop onto the window does. */
export async function dropFiles(page: Page, ...files: readonly { name: string; text: string }[]): Promise<void> {
  await page.evaluate((dropped) => {
    const transfer = new DataTransfer();
    for (const { name, text } of dropped) transfer.items.add(new File([text], name));
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
  }, files);
}

export function readFixture(path: string): { name: string; text: string } {
  return { name: basename(path), text: readFileSync(path, 'utf8') };
}
