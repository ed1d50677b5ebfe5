/** The process that a command runs in. bin/countersign.ts passes it; no file below cli/ reads `process.env`. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Calls `callback` at Ctrl-C, which then no longer ends the process. Use it for commands that run until Ctrl-C. */
  onInterrupt?(callback: () => void): void;
  /** Undefined if there is no terminal. */
  readonly prompts?: Prompts | undefined;
}

/** Questions to a person. */
export interface Prompts {
  /** @param standard the answer for Enter alone */
  askYesNo(question: string, standard: boolean): Promise<boolean>;
  /** Asks without showing the typed text. */
  askSecret(question: string): Promise<string>;
  askText(question: string, options: TextOptions): Promise<string>;
  /** Lets the person choose one; Enter alone takes the first. @returns its value */
  askChoice(question: string, choices: readonly Choice[]): Promise<string>;
}

/** How a line of text is asked for. */
export interface TextOptions {
  /** The answer for Enter alone. */
  readonly standard?: string | undefined;
  /** @returns why the text cannot be used; undefined if it can */
  check(text: string): string | undefined;
}

/** One of several answers. */
export interface Choice {
  readonly value: string;
  /** The answer as a short phrase. */
  readonly label: string;
}
