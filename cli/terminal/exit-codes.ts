/** Exit statuses of commands. docs/cli.md has the same table. */
export const exitCodes = {
  OK: 0,
  /** The command worked and found a difference, a failed check or an upstream's error status. */
  FOUND: 1,
  /** The command line, or a file named on it, is invalid. */
  USAGE: 2,
  /** A document is invalid; nothing was written. */
  INVALID: 3,
  /** Another writer was faster, or something exists that should not; nothing was overwritten. */
  CONFLICT: 4,
  /** AWS could not be reached, or refused the call or the credentials. */
  AWS: 5,
  NOT_FOUND: 6,
  /** The answer to a question was no, or there was no terminal; nothing was written. */
  DECLINED: 7,
  /** A bug of countersign. */
  BUG: 70,
  /** Ctrl-C. */
  INTERRUPTED: 130,
} as const;

/** Name of an exit code; the `code` of errors under `--json`. */
export type ExitCodeName = keyof typeof exitCodes;
