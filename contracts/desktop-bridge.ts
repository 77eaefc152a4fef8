// What the Electron shell hands to the page through its preload script, as `window.mofsimDesktop`; absent in a browser.

/** A file that the system asked the application to open. */
export interface OpenedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface DesktopBridge {
  /** The token that lets this window use the service; it lives in memory only. */
  getSessionToken(): Promise<string>;
  /** Calls back for every file opened through the menu, a file association or a second start. Returns the unsubscriber. */
  onOpenFile(listener: (file: OpenedFile) => void): () => void;
  /** Menu, dialogs and the title bar follow the page's language and theme. */
  setAppearance(appearance: { language: 'en' | 'zh'; theme: 'light' | 'dark' | 'system' }): Promise<void>;
}

export const DESKTOP_BRIDGE_NAME = 'mofsimDesktop';
