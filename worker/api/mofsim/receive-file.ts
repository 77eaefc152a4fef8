// multipart/form-data with one file: in memory, or in a folder where the file is large. Never more than the limit.
import { rm, statfs } from 'node:fs/promises';
import type { Request, Response } from 'express';
import multer from 'multer';
import { ServiceError } from '../../../contracts/error-code.ts';

export interface FileRules {
  /** Name of the form's field. */
  field: string;
  max_bytes: number;
  /** Where the file is put, under a name of our own; without it, it stays in memory. */
  folder?: string;
}

export interface FileInMemory {
  /** As the client calls it: without folders and control characters; shown, never used as a path. */
  filename: string;
  bytes: Uint8Array;
}

export interface FileOnDisk {
  filename: string;
  size_bytes: number;
  /** Belongs to the route, which moves or removes it. */
  path: string;
}

export interface ReceivedForm {
  file: FileInMemory | FileOnDisk;
  /** The other fields. */
  fields: Record<string, unknown>;
}

/** Room for boundaries, part headers and the other fields. */
const FORM_OVERHEAD_BYTES = 256 * 1024;
const MAX_FIELD_BYTES = 64 * 1024;
/** Of the disk, for the database and for what runs. */
const DISK_RESERVE_BYTES = 512 * 1024 * 1024;
const FALLBACK_FILENAME = 'file';

/** @throws ServiceError 40001 | 40002 | 40003 | 40010 | 50004; the system's own error when a file cannot be written */
export async function receiveForm(request: Request, response: Response, rules: FileRules): Promise<ReceivedForm> {
  const declaredBytes = Number(request.headers['content-length'] ?? 0);
  if (declaredBytes > rules.max_bytes + FORM_OVERHEAD_BYTES) throw tooLarge(rules);
  if (request.is('multipart/form-data') === false) {
    const message = `Send multipart/form-data with the file in the field "${rules.field}".`;
    throw new ServiceError(40001, { message });
  }
  if (rules.folder !== undefined) await assertRoom(rules.folder, declaredBytes);
  return receiveParts(request, response, rules);
}

function receiveParts(request: Request, response: Response, rules: FileRules): Promise<ReceivedForm> {
  return new Promise((resolve, reject) => {
    receiverOf(rules)(request, response, (error: unknown) => {
      if (error !== undefined && error !== null) {
        reject(toServiceError(error, rules));
      } else if (request.file === undefined) {
        const message = `The field "${rules.field}" is missing.`;
        reject(new ServiceError(40002, { message, missing_fields: [rules.field] }));
      } else {
        // Multer's object has no prototype; schemas want a plain one.
        resolve({ file: receivedFile(request.file, rules), fields: plainObject(request.body) });
      }
    });
    // Multer reports a file that is too large only after the last byte, which a stream without a length may never send.
    let received = 0;
    request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > rules.max_bytes + FORM_OVERHEAD_BYTES) reject(tooLarge(rules));
    });
  });
}

/** @throws ServiceError 50004 before the first byte is taken */
async function assertRoom(folder: string, needed_bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free_bytes = bavail * bsize;
  if (free_bytes - DISK_RESERVE_BYTES >= needed_bytes) return;
  const message = 'The disk of the data folder has no room for this file; free some space and send it again.';
  throw new ServiceError(50004, { message, needed_bytes, free_bytes, reserved_bytes: DISK_RESERVE_BYTES });
}

/** For a form whose fields turn out to be wrong. */
export async function discardFile(file: FileInMemory | FileOnDisk): Promise<void> {
  if ('path' in file) await rm(file.path, { force: true });
}

function receiverOf({ field, max_bytes, folder }: FileRules) {
  const storage = folder === undefined ? multer.memoryStorage() : multer.diskStorage({ destination: folder });
  const limits = { fileSize: max_bytes, files: 1, fields: 8, fieldSize: MAX_FIELD_BYTES, parts: 12 };
  return multer({ storage, limits, defParamCharset: 'utf8' }).single(field);
}

function receivedFile(file: Express.Multer.File, { folder }: FileRules): FileInMemory | FileOnDisk {
  const filename = plainFilename(file.originalname);
  return folder === undefined ? { filename, bytes: file.buffer } : { filename, size_bytes: file.size, path: file.path };
}

function toServiceError(error: unknown, rules: FileRules): Error {
  if (error instanceof multer.MulterError) {
    if (error.code === 'LIMIT_FILE_SIZE') return tooLarge(rules);
    const where = error.field === undefined ? '' : ` (field "${error.field}")`;
    const message = `${error.message}${where}; send one file in the field "${rules.field}".`;
    return new ServiceError(40003, { message });
  }
  // A full disk is not the fault of the form.
  if (error instanceof Error && 'syscall' in error) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ServiceError(40001, { message: `The multipart body is not valid: ${reason}` }, { cause: error });
}

function tooLarge({ max_bytes }: FileRules): ServiceError {
  const message = `The file is larger than ${max_bytes / 1024 / 1024} MiB.`;
  return new ServiceError(40010, { message, limit_bytes: max_bytes });
}

function plainObject(body: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(typeof body === 'object' && body !== null ? body : {}));
}

function plainFilename(original: string): string {
  const last = original.split(/[\\/]/).at(-1) ?? '';
  const printable = last.replace(/\p{Cc}/gu, '').trim();
  return printable === '' ? FALLBACK_FILENAME : printable.slice(-200);
}
