// The application menu, in the page's language. Editing and window items are the system's own.
import { Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';

const WORDS = {
  en: { file: 'File', open: 'Open structure …' },
  zh: { file: '文件', open: '打开结构…' },
} as const;

export function setMenu(language: 'en' | 'zh', onOpen: () => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(language, process.platform, onOpen)));
}

export function menuTemplate(
  language: 'en' | 'zh',
  platform: NodeJS.Platform,
  onOpen: () => void,
): MenuItemConstructorOptions[] {
  const words = WORDS[language];
  const isMac = platform === 'darwin';
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: words.file,
      submenu: [
        { label: words.open, accelerator: 'CmdOrCtrl+O', click: onOpen },
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
  ];
}
