// The envelope of the `mofsim` dialect and its two languages: Chinese unless the client prefers English.
import type { Request, Response } from 'express';
import { ERROR_CODES } from '../../../contracts/error-code.ts';
import type { ServiceError } from '../../../contracts/error-code.ts';

type Language = 'zh' | 'en';

const MESSAGES = {
  ok: { zh: '操作成功', en: 'Done' },
  submitted: { zh: '任务已提交', en: 'The task was submitted' },
  uploaded: { zh: '文件已上传', en: 'The file was uploaded' },
  cancelled: { zh: '任务已取消', en: 'The task was cancelled' },
} as const;

export function sendSuccess(
  request: Request,
  response: Response,
  data: unknown,
  { status = 200, message = 'ok' }: { status?: number; message?: keyof typeof MESSAGES } = {},
): void {
  response.status(status).json({ success: true, data, message: MESSAGES[message][languageOf(request)] });
}

export function sendError(request: Request, response: Response, error: ServiceError): void {
  const entry = ERROR_CODES[error.code];
  response.status(entry.status).json({
    success: false,
    error: { code: error.code, message: entry[languageOf(request)], details: error.details },
  });
}

function languageOf(request: Request): Language {
  return request.acceptsLanguages('zh', 'en') === 'en' ? 'en' : 'zh';
}
