// What no page in this application may do, whatever it loads: leave, open windows, ask for devices, reach other hosts.
// Electron's security checklist: docs/tutorial/security.md of electron/electron.
import { app, session } from 'electron';
import { isPageAddress, isPageMade } from './page-address.ts';

/** Devtools load their own pages from here. */
const DEVTOOLS = 'devtools://';

export function lockDown(pageUrl: string): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
  });
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.webRequest.onBeforeRequest(({ url }, answer) => {
    const isAllowed = isPageAddress(url, pageUrl) || isPageMade(url, pageUrl) || url.startsWith(DEVTOOLS);
    answer({ cancel: !isAllowed });
  });

  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
    });
    const stay = (event: { preventDefault(): void; url: string }): void => {
      if (!isPageAddress(event.url, pageUrl)) event.preventDefault();
    };
    contents.on('will-navigate', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-redirect', stay);
  });
}
