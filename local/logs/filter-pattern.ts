/**
 * The filter patterns of CloudWatch Logs that `countersign logs` writes: terms of a JSON pattern, joined by && (CloudWatch
 * Logs User Guide, "Filter pattern syntax").
 */

/** @returns whether a line fits the pattern; '' fits every line. Throws for any other kind of pattern */
export function fitsPattern(line: string, pattern: string): boolean {
  if (pattern === '') return true;
  const inner = /^\{ (.*) \}$/s.exec(pattern)?.[1];
  if (inner === undefined) throw new Error(`no JSON filter pattern: ${pattern}`);
  const terms = inner.split(' && ').map(parseTerm);
  const fields = parseLine(line);
  return fields !== undefined && terms.every((term) => fitsTerm(fields, term));
}

interface Term {
  readonly name: string;
  readonly operator: string;
  readonly value: string;
}

function parseTerm(text: string): Term {
  const [, name, operator, value] = /^\(\$\.(\w+) (=|>=|<=) ("[^"]*"|\d+)\)$/.exec(text) ?? [];
  if (name !== undefined && operator !== undefined && value !== undefined) {
    return { name, operator, value };
  }
  throw new Error(`no term of a filter pattern: ${text}`);
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function fitsTerm(
  line: Readonly<Record<string, unknown>>,
  { name, operator, value }: Term,
): boolean {
  const own = line[name];
  if (own === undefined) return false;
  if (value.startsWith('"')) return value === '"*"' || own === value.slice(1, -1);
  if (operator === '=') return own === Number(value);
  return operator === '>=' ? Number(own) >= Number(value) : Number(own) <= Number(value);
}
