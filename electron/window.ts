// The main window: the page of the service, in a sandbox.
import { BrowserWindow, nativeTheme } from 'electron';
import { fileURLToPath } from 'node:url';

export interface MainWindow {
  isOpen(): boolean;
  focus(): void;
}

const PRELOAD = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url));
/** The page's own colors, so that nothing flashes before it is drawn. */
const BACKGROUND = { light: '#f4f2ed', dark: '#0c0f11' } as const;

export function createMainWindow(pageUrl: string): MainWindow {
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    minWidth: 1024,
    minHeight: 640,
    show: false,
    title: 'MOFSimBench',
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: PRELOAD,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => {
    window.show();
  });
  void window.loadURL(`${pageUrl}/`);
  return {
    isOpen: () => !window.isDestroyed(),
    focus: () => {
      if (window.isMinimized()) window.restore();
      window.show();
      window.focus();
    },
  };
}
