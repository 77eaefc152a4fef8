// The envelope of the `mofsim` dialect and its two languages: Chinese unless the client prefers English.
import type { Request, Response } from 'express';
import { ERROR_CODES } from '../../../contracts/error-code.ts';
import type { ServiceError } from '../../../contracts/error-code.ts';

export type Language = 'zh' | 'en';

const MESSAGES = {
  ok: { zh: '操作成功', en: 'Done' },
  submitted: { zh: '任务已提交', en: 'The task was submitted' },
  batch_submitted: { zh: '批量任务已提交', en: 'The tasks were submitted' },
  campaign_submitted: { zh: '批量计算已提交', en: 'The campaign was submitted' },
  uploaded: { zh: '文件已上传', en: 'The file was uploaded' },
  cancelled: { zh: '任务已取消', en: 'The task was cancelled' },
  retried: { zh: '任务已重新提交', en: 'The task was submitted again' },
  created: { zh: '已创建', en: 'Created' },
  changed: { zh: '已修改', en: 'Changed' },
  deleted: { zh: '已删除', en: 'Deleted' },
} as const;
export type MessageKey = keyof typeof MESSAGES;

export function sendSuccess(
  request: Request,
  response: Response,
  data: unknown,
  { status = 200, message = 'ok' }: { status?: number; message?: MessageKey } = {},
): void {
  sendJson(response, status, { success: true, data, message: MESSAGES[message][languageOf(request)] });
}

export function sendError(request: Request, response: Response, error: ServiceError): void {
  const entry = ERROR_CODES[error.code];
  sendJson(response, entry.status, {
    success: false,
    // Whoever threw it may have said more exactly what to change.
    error: { code: error.code, message: entry[languageOf(request)], details: { message: entry.en, ...error.details } },
  });
}

/** Whole and at once: what Express adds (entity tags, freshness) no answer of the API has. */
function sendJson(response: Response, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

export function languageOf(request: Request): Language {
  if (request.headers['accept-language'] === undefined) return 'zh';
  return request.acceptsLanguages('zh', 'en') === 'en' ? 'en' : 'zh';
}
