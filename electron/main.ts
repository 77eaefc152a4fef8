// Start-up order of the desktop application: lock, service, window, files, quit.
import { app } from 'electron';
import { askForFiles, watchOpenedFiles } from './file-associations.ts';
import { handlePageCalls } from './page-calls.ts';
import { drainBeforeQuit } from './quit.ts';
import { lockDown } from './security.ts';
import { startService } from './start-service.ts';
import { tellStartFailure } from './start-failure.ts';
import { setMenu } from './menu.ts';
import { createMainWindow } from './window.ts';
import type { MainWindow } from './window.ts';

async function run(): Promise<void> {
  const files = watchOpenedFiles();
  await app.whenReady();
  const service = await startService();
  drainBeforeQuit(service.stop);
  lockDown(service.url);

  let window: MainWindow | null = null;
  const open = (): void => {
    if (window?.isOpen() === true) window.focus();
    else window = createMainWindow(service.url);
  };
  const refreshMenu = (language: 'en' | 'zh'): void => {
    setMenu(language, () => {
      void askForFiles((path) => {
        files.open(path);
      });
    });
  };

  handlePageCalls({
    pageUrl: service.url,
    createSessionToken: service.createSessionToken,
    onAppearance: ({ language }) => {
      refreshMenu(language);
    },
    onReady: (page) => {
      files.deliverTo(page);
    },
  });
  refreshMenu(app.getLocale().startsWith('zh') ? 'zh' : 'en');
  app.on('activate', open);
  app.on('second-instance', open);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  open();
}

// The second start hands its files to the first one (`second-instance`) and ends.
if (app.requestSingleInstanceLock()) run().catch(tellStartFailure);
else app.quit();
