/** What was done to the proxy, and when: the oracle accounts for every answer with it. */

export interface Span {
  readonly fromMs: number;
  /** Infinity while it lasts. */
  untilMs: number;
}

/** What Parameter Store said of a route or a secret, for a time. */
export interface State extends Span {
  readonly value: string;
}

/** A history of versions that was asked for and not answered. */
export interface UnreadHistory {
  readonly route: string;
  readonly atMs: number;
  /** Refused for want of a permission: then what was in force before answers 503 as well. */
  readonly isRefused: boolean;
}

export interface Ledger {
  /** What the upstreams did to a request, by its name; one entry each time it was seen. */
  readonly seen: Map<string, string[]>;
  readonly storeFaults: Span[];
  readonly unreadHistories: UnreadHistory[];
  readonly freezes: Span[];
  /** While the second upstream refuses connections. */
  readonly outages: Span[];
  readonly states: Map<string, State[]>;
  readonly counts: Map<string, number>;
  /** When an upstream last closed a kept connection without having said so. */
  lastClosingMs: number;
  /** When a request of the route with a breaker last failed. */
  lastFailureMs: number;
}

export interface Period {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** COUNTERSIGN_REFRESH_SECONDS of the run, in ms. */
export const refreshMs = 500;
/**
 * How old a table may be: refreshed every interval (+ 10 %) where requests come, and a request that finds it due is
 * still served by it; after 6 idle intervals it waits instead. A second for loading and for a busy machine.
 */
const allowedAgeMs = refreshMs * (6 + 1.1) + 1000;
/** A call that hangs ends after 2 s. */
const hangMs = 2000;
/** Behind a fault: a hung call ends, throttling pauses for 2 s, then the same again. */
const afterFaultMs = hangMs + allowedAgeMs;
/** How long an event may be told apart from its effects on a busy machine. */
export const slackMs = 1000;

export function createLedger(): Ledger {
  return {
    seen: new Map(),
    storeFaults: [],
    unreadHistories: [],
    freezes: [],
    outages: [],
    states: new Map(),
    counts: new Map(),
    lastClosingMs: 0,
    lastFailureMs: 0,
  };
}

export function count({ counts }: Ledger, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export function begin(spans: Span[]): Span {
  const span = { fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
  spans.push(span);
  return span;
}

export function end(span: Span): void {
  span.untilMs = Date.now();
}

/** Whether a span touches a period, the slack behind it included. */
export function touches(spans: readonly Span[], { fromMs, untilMs }: Period): boolean {
  return spans.some((span) => span.fromMs <= untilMs && span.untilMs + slackMs >= fromMs);
}

export function setState({ states }: Ledger, key: string, value: string): void {
  const list = states.get(key) ?? [];
  const atMs = Date.now();
  const last = list.at(-1);
  if (last) last.untilMs = atMs;
  list.push({ value, fromMs: atMs, untilMs: Number.POSITIVE_INFINITY });
  states.set(key, list);
}

/**
 * Whether an answer may show this value.
 *
 * @returns how long ago the value was replaced when the request came (0: it was not); undefined when too long ago
 */
export function ageOf(
  { states, storeFaults }: Ledger,
  { key, value }: { readonly key: string; readonly value: string },
  { fromMs, untilMs }: Period,
): number | undefined {
  const ages = (states.get(key) ?? [])
    .filter((state) => state.value === value && state.fromMs <= untilMs)
    .filter((state) => servedUntilMs(state.untilMs, storeFaults) >= fromMs)
    .map((state) => Math.max(0, fromMs - state.untilMs));
  return ages.length === 0 ? undefined : Math.min(...ages);
}

/** The route whose path the text of a document names, as a state of its parameter. */
export function toNamedKey(route: string): string {
  return `path named by ${route}`;
}

/**
 * Whether a route may answer 503 because a history was not answered: until the next reading that succeeds, the paths that
 * the malformed document names, and of a refused history those that were in force as well.
 */
export function isBehindUnreadHistory(ledger: Ledger, route: string, period: Period): boolean {
  return ledger.unreadHistories.some((unread) => {
    const { atMs } = unread;
    const untilMs = servedUntilMs(atMs + hangMs, ledger.storeFaults);
    if (period.untilMs < atMs || period.fromMs > untilMs) return false;
    if (unread.isRefused && unread.route === route) return true;
    // The document was read before its history.
    const read = { fromMs: atMs - hangMs, untilMs: atMs };
    return ageOf(ledger, { key: toNamedKey(unread.route), value: route }, read) !== undefined;
  });
}

/** Until when a value may be served that was replaced at a time. */
function servedUntilMs(replacedMs: number, storeFaults: readonly Span[]): number {
  let untilMs = replacedMs + allowedAgeMs;
  for (const fault of storeFaults) {
    if (fault.fromMs <= untilMs) untilMs = Math.max(untilMs, fault.untilMs + afterFaultMs);
  }
  return untilMs;
}
