// Secrets of webhooks at rest: the database holds them sealed (AES-256-GCM), the key lies in a file beside it and in no backup.
// Whoever gets a copy of the database cannot sign in our name; whoever can read the data folder itself, can.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../logger.ts';
import type { Store } from '../store/store.ts';
import { writeFileAtomic } from '../store/write-file.ts';

export const SECRET_KEY_FILE = 'webhook-key';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** In the settings: what is stored has been sealed. */
const ARE_SEALED = 'webhook_secrets_are_sealed';

export interface SecretBox {
  seal(secret: string): string;
  /** null when it was sealed with another key, or changed. */
  open(sealed: string): string | null;
}

export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    seal: (secret) => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      try {
        const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}

/** With the key of the data folder, made when it is missing; secrets from before there was a key are sealed. */
export async function openSecretBox(
  store: Pick<Store, 'home' | 'settings' | 'webhookSecrets'>,
  logger: Logger,
): Promise<SecretBox> {
  const file = join(store.home, SECRET_KEY_FILE);
  const areSealed = store.settings.get(ARE_SEALED, z.boolean()) === true;
  if (!existsSync(file)) {
    if (areSealed)
      logger.warn('The key of the webhook secrets is gone: deliveries of earlier tasks that sign fail.', { file });
    await writeFileAtomic(file, randomBytes(KEY_BYTES), 0o600);
  }
  const key = await readFile(file);
  if (key.length !== KEY_BYTES)
    throw new Error(`${file} is not a key of ${KEY_BYTES} bytes; put back the one that was there.`);
  const box = createSecretBox(key);
  if (!areSealed) {
    store.webhookSecrets.replaceAll(
      (secret) => box.seal(secret),
      () => {
        store.settings.set(ARE_SEALED, true);
      },
    );
  }
  return box;
}
