// One typed object for the page: a list of calls, no logic, never a generic `send`.
import { contextBridge, ipcRenderer } from 'electron';
import { DESKTOP_BRIDGE_NAME } from '../contracts/desktop-bridge.ts';
import type { DesktopBridge, OpenedFile } from '../contracts/desktop-bridge.ts';
import { CHANNELS } from './channels.ts';

const bridge: DesktopBridge = {
  getSessionToken: () => ipcRenderer.invoke(CHANNELS.getSessionToken) as Promise<string>,
  setAppearance: (appearance) => ipcRenderer.invoke(CHANNELS.setAppearance, appearance) as Promise<void>,
  onOpenFile: (listener) => {
    const forward = (_event: unknown, file: OpenedFile): void => {
      listener(file);
    };
    ipcRenderer.on(CHANNELS.openFile, forward);
    ipcRenderer.send(CHANNELS.listenForFiles);
    return () => {
      ipcRenderer.off(CHANNELS.openFile, forward);
    };
  },
};

contextBridge.exposeInMainWorld(DESKTOP_BRIDGE_NAME, bridge);
