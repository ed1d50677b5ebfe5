/**
 * Compiled expressions and schemas. Thousands of routes and consumers may have those of one shared object: compiled once for
 * each, they would take minutes and gigabytes.
 */
/** Weakly: what no document has goes. It has no state of a route, so that all routes of this process may have it. */
const kept = new Map<string, WeakRef<object>>();
/** Entries of what is gone are taken away at this number. */
let sweepAt = 1000;
/** These stay also while no document has them: one that lacks something is compiled again and again. 10 MB at most. */
let recent: readonly object[] = [];
const maxRecent = 8;

/**
 * @param key what it is compiled of, with the name of its kind
 * @returns what was compiled of the same before, while anything has it; one of the last in any case
 */
export function keepCompiled<T extends object>(key: readonly unknown[], compile: () => T): T {
  const text = JSON.stringify(key);
  const compiled = (kept.get(text)?.deref() as T | undefined) ?? compile();
  kept.set(text, new WeakRef(compiled));
  recent = [compiled, ...recent.filter((other) => other !== compiled)].slice(0, maxRecent);
  if (kept.size >= sweepAt) sweep();
  return compiled;
}

function sweep(): void {
  for (const [text, reference] of kept) if (!reference.deref()) kept.delete(text);
  sweepAt = 1000 + 2 * kept.size;
}

/** Remembers what a function said of the last texts. @param maxTexts how many */
export function rememberTexts<T>(
  maxTexts: number,
  judge: (text: string) => T,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.has(text) ? (known.get(text) as T) : judge(text);
    known.delete(text);
    known.set(text, found);
    if (known.size > maxTexts) known.delete(known.keys().next().value as string);
    return found;
  };
}
