/** Members that a rendered line shows elsewhere, or that only programs need. */
const HIDDEN = new Set(['time', 'type', 'level', 'message', 'event', '_aws']);
const ACCESS_SHOWN = ['method', 'path', 'status', 'totalMs', 'route', 'error', 'cut', 'cause'];

/**
 * Renders one line of the proxy's log: an access line as `12:00:01 GET /hello 200 12.3 ms route=hello`, another JSON
 * line by level and message, and other text as it is. Clients choose paths, and documents choose names: characters that could
 * control a terminal are replaced.
 */
export function renderLogLine(line: string): string {
  return toPlainLine(render(line));
}

/** @returns the text on one line; characters that could control a terminal, or turn the direction of writing, as `�` */
export function toPlainLine(text: string): string {
  return text.replaceAll(/[\n\t]/g, ' ').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

function render(line: string): string {
  const entry = parseEntry(line);
  if (entry === undefined) {
    return line;
  }
  if (entry['type'] === 'access') {
    return renderAccess(entry);
  }
  const { level, message } = entry;
  if (typeof level !== 'string' || typeof message !== 'string') {
    return line;
  }
  const rest = Object.entries(entry).filter(([name]) => !HIDDEN.has(name));
  return [clock(entry), level, message, ...rest.map(renderField)].join(' ');
}

/** @returns the colour of a line: red for server errors, yellow for client errors, else `reset` */
export function toLogColour(line: string): 'red' | 'yellow' | 'reset' {
  const status = Number(/"status":(\d{3})/.exec(line)?.[1]);
  if (status >= 500) return 'red';
  return status >= 400 ? 'yellow' : 'reset';
}

function renderAccess(entry: Entry): string {
  const { method, path, status, totalMs } = entry;
  const rest = ACCESS_SHOWN.slice(4)
    .filter((name) => entry[name] !== undefined)
    .map((name) => renderField([name, entry[name]]));
  return [clock(entry), method, path, status, `${totalMs} ms`, ...rest].join(' ');
}

type Entry = Readonly<Record<string, unknown>>;

function parseEntry(line: string): Entry | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

function renderField([name, value]: readonly [string, unknown]): string {
  const isPlain = typeof value === 'string' && !/[\s"]/.test(value);
  return `${name}=${isPlain ? value : JSON.stringify(value)}`;
}

/** Formats a time in the local time zone. */
function clock({ time }: Entry): string {
  const date = new Date(String(time));
  const at = Number.isNaN(date.getTime()) ? new Date() : date;
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
