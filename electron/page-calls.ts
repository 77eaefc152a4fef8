// What the page may ask of the main process. Every message is checked for who sent it and what it holds.
import { ipcMain, nativeTheme } from 'electron';
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { z } from 'zod';
import { CHANNELS } from './channels.ts';
import { isPageAddress } from './page-address.ts';

const appearanceSchema = z.strictObject({
  language: z.enum(['en', 'zh']),
  theme: z.enum(['light', 'dark', 'system']),
});
export type Appearance = z.infer<typeof appearanceSchema>;

export interface PageCallHandlers {
  pageUrl: string;
  createSessionToken: () => string;
  onAppearance: (appearance: Appearance) => void;
  /** The page listens for files. */
  onReady: (page: WebContents) => void;
}

export function handlePageCalls({ pageUrl, createSessionToken, onAppearance, onReady }: PageCallHandlers): void {
  /** Only the top frame of our own page; a frame of anything else gets nothing. */
  function checkSender(event: IpcMainEvent | IpcMainInvokeEvent): void {
    const frame = event.senderFrame;
    if (frame?.parent !== null || !isPageAddress(frame.url, pageUrl)) {
      throw new Error('This call is not open to the sender.');
    }
  }

  ipcMain.handle(CHANNELS.getSessionToken, (event) => {
    checkSender(event);
    return createSessionToken();
  });
  ipcMain.handle(CHANNELS.setAppearance, (event, appearance: unknown) => {
    checkSender(event);
    const parsed = appearanceSchema.parse(appearance);
    nativeTheme.themeSource = parsed.theme;
    onAppearance(parsed);
  });
  ipcMain.on(CHANNELS.listenForFiles, (event) => {
    checkSender(event);
    onReady(event.sender);
  });
}
