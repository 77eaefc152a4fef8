// Why a data folder cannot be used. The message goes to the person who starts the service.

export type StoreErrorCode =
  | 'home_in_use'
  | 'home_not_writable'
  | 'database_from_future'
  | 'database_unreadable'
  /** Part of it, or all of it, is not what was written. */
  | 'database_damaged';

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}
