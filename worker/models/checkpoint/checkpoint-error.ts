// Every refusal of a checkpoint: a sentence for its user, and where in the file or in its pickle.
import { ServiceError } from '../../../contracts/error-code.ts';

export class CheckpointError extends ServiceError {
  /** Byte of data.pkl, or of the file where the message speaks of the archive; null where no single byte is at fault. */
  readonly byte_offset: number | null;

  constructor(message: string, byteOffset: number | null = null, options?: ErrorOptions) {
    super(42206, byteOffset === null ? { message } : { message, byte_offset: byteOffset }, options);
    this.name = 'CheckpointError';
    this.message = message;
    this.byte_offset = byteOffset;
  }
}
