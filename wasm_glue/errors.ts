// The one error that leaves the glue: what happened, which setting, and what to do about it.

/** `code` is a cnn_status name (CNN_ERROR_…), 'memory' when this machine has not enough, or 'crash'
 *  when the core trapped or could not be loaded. */
export class CoreError extends Error {
  readonly code: string;
  readonly field: string | undefined;

  constructor(code: string, message: string, field?: string) {
    super(message);
    this.name = 'CoreError';
    this.code = code;
    this.field = field;
  }
}

export function memoryError(bytes: number): CoreError {
  const megabytes = Math.max(1, Math.ceil(bytes / 1048576));
  return new CoreError(
    'memory',
    `This needs ${megabytes} MB of memory, which this browser does not give. Choose smaller ` +
      'pictures, fewer kinds, fewer pictures or a smaller batch, or close other tabs.',
  );
}

/** Anything thrown, as a CoreError: a trap of the core, a failed allocation, a bug. */
export function asCoreError(thrown: unknown): CoreError {
  if (thrown instanceof CoreError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new CoreError(
    'crash',
    `The computing core stopped unexpectedly (${text}). Start the run again; if it happens twice, ` +
      'choose smaller settings and report it.',
  );
}
