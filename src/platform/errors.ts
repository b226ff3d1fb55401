/** The short catalogue of errors: one base class, a stable `code`, a message that says what to do. */

export type ErrorCode =
  /** The command line is wrong. Exit code 2. */
  | 'usage'
  /** A file or an option holds something unusable. Exit code 78. */
  | 'configuration'
  /** Something that may happen did: a port in use, a file that cannot be written. Exit code 1. */
  | 'failed'
  /** What cannot happen did: a defect of this program. Exit code 1. */
  | 'internal'

const EXIT_CODES: Readonly<Record<ErrorCode, number>> = { usage: 2, configuration: 78, failed: 1, internal: 1 }

export class CrossingError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CrossingError'
    this.code = code
  }

  /** The exit code of a command that ends with this error; those of sysexits.h where it has one. */
  get exitCode(): number {
    return EXIT_CODES[this.code]
  }
}

export const usageError = (message: string): CrossingError => new CrossingError('usage', message)

export const configurationError = (message: string, cause?: unknown): CrossingError =>
  new CrossingError('configuration', message, { cause })

export const failure = (message: string, cause?: unknown): CrossingError =>
  new CrossingError('failed', message, { cause })

/** The words of anything thrown, for a log line. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The `code` of a system error (`ENOENT`, `EADDRINUSE`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** States what must hold here; a violation is a defect and is never handled. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new CrossingError('internal', `broken invariant: ${claim}`)
}
