/** What a command's exit status means to a script; docs/cli.md has the same table. */
export const exitCodes = {
  OK: 0,
  /** The command worked and found something: a difference, a failed check, an upstream's error status. */
  FOUND: 1,
  /** The command line or a file named on it is not usable. */
  USAGE: 2,
  /** A document is invalid; nothing was written. */
  INVALID: 3,
  /** Somebody else wrote in between, or what should not be there is; nothing was written over. */
  CONFLICT: 4,
  /** AWS could not be reached, had no credentials to accept, or refused. */
  AWS: 5,
  NOT_FOUND: 6,
  /** A question was answered with no, or could not be asked; nothing was written. */
  DECLINED: 7,
  /** Our own fault. */
  BUG: 70,
  /** Ctrl-C. */
  INTERRUPTED: 130,
} as const;

/** Name of an exit code; the `code` of errors under `--json`. */
export type ExitCodeName = keyof typeof exitCodes;
