/** The process that a command runs in, handed in by bin/countersign.ts: no file below cli/ reads `process.env`. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Calls back at Ctrl-C, which from then on ends nothing by itself: for commands that would go on for ever. */
  onInterrupt?(callback: () => void): void;
  /** Undefined without a terminal to answer on. */
  readonly prompts?: Prompts | undefined;
}

/** Questions to a person. */
export interface Prompts {
  /** @param standard the answer that Enter alone gives */
  askYesNo(question: string, standard: boolean): Promise<boolean>;
  /** What is typed is not shown. */
  askSecret(question: string): Promise<string>;
}
