import { expect, test, vi } from 'vitest';

vi.mock('electron', () => ({ Menu: { setApplicationMenu: vi.fn(), buildFromTemplate: vi.fn() } }));
const { menuTemplate } = await import('./menu.ts');

test('the_menu_speaks_the_language_of_the_page_and_opens_files', () => {
  const open = vi.fn();
  const [file] = menuTemplate('zh', 'linux', open);
  expect(file?.label).toBe('文件');
  const items = Array.isArray(file?.submenu) ? file.submenu : [];
  expect(items[0]?.accelerator).toBe('CmdOrCtrl+O');
  expect(items.at(-1)?.role).toBe('quit');
});

test('on_a_mac_the_application_menu_comes_first_and_files_close_instead_of_quitting', () => {
  const template = menuTemplate('en', 'darwin', () => undefined);
  expect(template[0]?.role).toBe('appMenu');
  const items = Array.isArray(template[1]?.submenu) ? template[1].submenu : [];
  expect(items.at(-1)?.role).toBe('close');
});
