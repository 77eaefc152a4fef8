// The service could not start: say why, in a box that can be read, and end.
import { app, dialog } from 'electron';

export function tellStartFailure(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const isChinese = app.getLocale().startsWith('zh');
  dialog.showErrorBox(isChinese ? 'MOFSimBench 无法启动' : 'MOFSimBench could not start', reason);
  app.exit(1);
}
