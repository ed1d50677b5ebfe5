/** Judges one answer by what was asked and what was done meanwhile. */
import type { ClientResponse } from '../support/client.ts';
import {
  ageOf,
  isBehindUnreadHistory,
  type Ledger,
  type Period,
  slackMs,
  touches,
} from './ledger.ts';
import { type Asked, digestOf, readTold, type Told } from './message.ts';
import { breakerMs, isBehindOutages, type RouteId } from './routes.ts';

export interface Verdict {
  /** For the summary: `200`, `200 cut`, `503 relayed`, a code. */
  readonly outcome: string;
  /** Why it should not have been; undefined when it is accounted for. */
  readonly violation?: string;
  /** How long ago the version that answered had been replaced. */
  readonly staleMs?: number;
}

export interface Judged {
  readonly asked: Asked;
  readonly answer: ClientResponse;
  readonly period: Period;
  readonly ledger: Ledger;
}

export function judge(judged: Judged): Verdict {
  const { asked, answer, ledger } = judged;
  const seen = ledger.seen.get(asked.name) ?? [];
  const resent = findResent(asked, seen);
  const verdict = judgeAnswer(judged, seen);
  if (seen.includes('unsigned')) return { ...verdict, violation: 'a signature was rejected' };
  if (resent) return { ...verdict, violation: resent };
  if (verdict.violation === undefined) return verdict;
  const facts = JSON.stringify({ ...asked, body: undefined, status: answer.status, seen });
  return { ...verdict, violation: `${verdict.violation}: ${facts}` };
}

/** What may have had an effect is not sent again, unless it is idempotent. */
function findResent({ method, name }: Asked, seen: readonly string[]): string | undefined {
  const processed = seen.filter((fault) => fault !== 'expired').length;
  return method === 'POST' && processed > 1
    ? `POST ${name} was sent ${processed} times`
    : undefined;
}

function judgeAnswer(judged: Judged, seen: readonly string[]): Verdict {
  const { answer } = judged;
  const code = answer.header('countersign-error');
  if (code !== undefined) {
    const isExpected = isAccounted(code, judged, seen);
    return isExpected ? { outcome: code } : { outcome: code, violation: `${code} without a cause` };
  }
  const marked = answer.header('x-soak');
  if (marked !== undefined) {
    const outcome = `${answer.status} relayed`;
    return seen.at(-1) === marked ? { outcome } : { outcome, violation: 'not the last answer' };
  }
  if (answer.status !== 200) return { outcome: `${answer.status}`, violation: 'a foreign status' };
  if (answer.isCut) {
    return seen.at(-1) === 'cut'
      ? { outcome: '200 cut' }
      : { outcome: '200 cut', violation: 'a cut that no upstream made' };
  }
  return judgeBody(judged);
}

function judgeBody({ asked, answer, period, ledger }: Judged): Verdict {
  const outcome = '200';
  const told = readTold(answer.body, asked.name);
  if (told === undefined || !isFor(asked, told)) return { outcome, violation: 'a wrong body' };
  const route = { key: asked.route, value: told.version };
  const secret = { key: 'secret', value: told.key };
  const ages = [ageOf(ledger, route, period)];
  if (told.key !== '') ages.push(ageOf(ledger, secret, period));
  const staleMs = Math.max(...ages.map((age) => age ?? Number.POSITIVE_INFINITY));
  if (staleMs < Number.POSITIVE_INFINITY) return { outcome, staleMs };
  return { outcome, violation: `a table too old (${told.version} ${told.key})` };
}

function isFor({ route, name, method, body }: Asked, told: Told): boolean {
  return (
    told.route === route &&
    told.name === name &&
    told.method === method &&
    told.bodyDigest === digestOf(body)
  );
}

type Account = (judged: Judged, seen: readonly string[]) => boolean;

/** Each error of the proxy's own with the injected faults that may lead to it. */
const accounts: Readonly<Record<string, Account>> = {
  UPSTREAM_UNREACHABLE: ({ asked, period, ledger }, seen) =>
    seen.at(-1) === 'reset' ||
    (isBehindOutages(asked.route as RouteId) && touches(ledger.outages, period)) ||
    // Written into a connection that was being closed: whether it was read, nobody knows.
    (asked.method === 'POST' && period.untilMs - ledger.lastClosingMs < 2 * slackMs),
  UPSTREAM_CUT: ({ asked, period, ledger }, seen) =>
    seen.at(-1) === 'cut' ||
    (isBehindOutages(asked.route as RouteId) && touches(ledger.outages, period)),
  UPSTREAM_TIMEOUT: ({ period, ledger }, seen) =>
    seen.includes('hang') || touches(ledger.freezes, period),
  BREAKER_OPEN: ({ asked, period, ledger }) =>
    asked.route === 'breaker' && period.fromMs - ledger.lastFailureMs < breakerMs + slackMs,
  // The environment has no newer keys to try.
  UPSTREAM_TOKEN_EXPIRED: (_, seen) => seen.at(-1) === 'expired',
  // docs/route-documents.md: "If the older versions cannot be read, the paths of a malformed route answer 503".
  ROUTES_UNAVAILABLE: ({ asked, period, ledger }) =>
    isBehindUnreadHistory(ledger, asked.route, period),
  NO_ROUTE: ({ asked, period, ledger }) =>
    ageOf(ledger, { key: asked.route, value: 'absent' }, period) !== undefined,
};

function isAccounted(code: string, judged: Judged, seen: readonly string[]): boolean {
  return Object.hasOwn(accounts, code) && accounts[code]?.(judged, seen) === true;
}
