// multipart/form-data with one structure file, held in memory up to the limit and never beyond it.
import type { Request, RequestHandler, Response } from 'express';
import multer from 'multer';
import { z } from 'zod';
import { ServiceError } from '../../../contracts/error-code.ts';
import { parseRequest } from './parse-request.ts';

export const MAX_UPLOAD_BYTES = 64 * 1024 * 1024;
/** With room for boundaries, part headers and the other fields. */
const MAX_BODY_BYTES = MAX_UPLOAD_BYTES + 64 * 1024;
/** Time for the client to read the answer: a reset connection would swallow it. */
const HANG_UP_DELAY_MS = 500;
const FALLBACK_FILENAME = 'structure';

const fieldsSchema = z.strictObject({ name: z.string().trim().min(1).max(200).optional() });

const receiveSingleFile = multer({
  storage: multer.memoryStorage(),
  limits: { fileSize: MAX_UPLOAD_BYTES, files: 1, fields: 4, fieldSize: 4096, parts: 8 },
  defParamCharset: 'utf8',
}).single('file');

/** Leaves the file and the fields on the request. @throws ServiceError 40001 | 40003 | 40010 */
export const receiveUpload: RequestHandler = (request, response, next) => {
  let isRefused = false;
  const refuse = (error: ServiceError): void => {
    if (isRefused) return;
    isRefused = true;
    hangUpAfterAnswer(request, response);
    next(error);
  };
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    refuse(tooLarge());
    return;
  }
  if (request.is('multipart/form-data') === false) {
    refuse(new ServiceError(40001, { message: 'Send multipart/form-data with the structure in the field "file".' }));
    return;
  }
  receiveSingleFile(request, response, (error: unknown) => {
    if (error === undefined || error === null) next();
    else refuse(toServiceError(error));
  });
  // Multer reports a file that is too large only after the last byte, which a stream without a length may never send.
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > MAX_BODY_BYTES) refuse(tooLarge());
  });
};

export interface Upload {
  filename: string;
  bytes: Uint8Array;
  /** What the user wants to call it. */
  name: string | undefined;
}

/** @throws ServiceError 40002 | 40003 | 40004 */
export function uploadOf(request: Request): Upload {
  // Multer's object has no prototype; the schema wants a plain one.
  const { name } = parseRequest(fieldsSchema, { ...Object(request.body) });
  if (request.file === undefined) {
    throw new ServiceError(40002, { message: 'The field "file" is missing.', missing_fields: ['file'] });
  }
  return { filename: plainFilename(request.file.originalname), bytes: request.file.buffer, name };
}

/** A client that goes on sending what is refused already would otherwise keep us reading for ever. */
function hangUpAfterAnswer(request: Request, response: Response): void {
  response.setHeader('Connection', 'close');
  response.once('finish', () => {
    setTimeout(() => request.socket.destroy(), HANG_UP_DELAY_MS).unref();
  });
}

function toServiceError(error: unknown): ServiceError {
  if (error instanceof multer.MulterError) {
    if (error.code === 'LIMIT_FILE_SIZE') return tooLarge();
    const message = `${error.message}${error.field === undefined ? '' : ` (field "${error.field}")`}; send one file in the field "file".`;
    return new ServiceError(40003, { message });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new ServiceError(40001, { message: `The multipart body is not valid: ${reason}` }, { cause: error });
}

function tooLarge(): ServiceError {
  const message = `The file is larger than ${MAX_UPLOAD_BYTES / 1024 / 1024} MiB.`;
  return new ServiceError(40010, { message, limit_bytes: MAX_UPLOAD_BYTES });
}

/** The last part of a path, without control characters; it is shown and offered for download, never used as a path. */
function plainFilename(original: string): string {
  const last = original.split(/[\\/]/).at(-1) ?? '';
  const printable = last.replace(/\p{Cc}/gu, '').trim();
  return printable === '' ? FALLBACK_FILENAME : printable.slice(-200);
}
