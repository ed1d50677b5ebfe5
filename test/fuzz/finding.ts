/** What a fuzz run is for: something that must not be, and what was seen of it. */
export class Finding extends Error {
  override readonly name = 'Finding';

  constructor(what: string, seen: unknown) {
    super(`${what}: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`);
  }
}
