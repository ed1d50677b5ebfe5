/** What the environments wrote: counted by kind, and the last lines kept, so that a violation can be shown with what the proxy said. */

export interface LogBook {
  /** Lines by kind. */
  readonly counts: ReadonlyMap<string, number>;
  /** Takes a line that an environment wrote. */
  add(line: string): void;
  /** @returns the access line of a request, and what was said besides in the ten seconds before it */
  about(name: string): readonly string[];
}

interface Said {
  readonly atMs: number;
  readonly isAccess: boolean;
  readonly line: string;
}

const maxLines = 5000;
const lookBackMs = 10_000;

export function createLogBook(): LogBook {
  const counts = new Map<string, number>();
  const last: Said[] = [];
  return {
    counts,
    add(line) {
      const { type, event, level, message } = toFields(line);
      const isAccess = type === 'access';
      const kind = isAccess ? 'access' : String(event ?? `${level}: ${message}`);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      last.push({ atMs: Date.now(), isAccess, line });
      if (last.length > maxLines) last.shift();
    },
    about(name) {
      const own = last.find(({ isAccess, line }) => isAccess && line.includes(`/${name}"`));
      const untilMs = own?.atMs ?? Date.now();
      const others = last.filter(
        ({ atMs, isAccess }) => !isAccess && atMs <= untilMs && untilMs - atMs < lookBackMs,
      );
      return [...others, ...(own ? [own] : [])].map(({ line }) => line);
    },
  };
}

function toFields(line: string): Readonly<Record<string, unknown>> {
  if (!line.startsWith('{')) return { level: 'text', message: line };
  return JSON.parse(line) as Record<string, unknown>;
}
