/** Tells the person at the terminal what is under way. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
