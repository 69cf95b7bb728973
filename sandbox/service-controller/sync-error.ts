/** A sync that cannot succeed before the Service changes; `code` is shown in its Event, like the E-codes of TKE. */
export class SyncError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'SyncError';
    this.code = code;
  }
}
