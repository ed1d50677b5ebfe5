/** What may come of an upstream's bytes, by the reference parser's reading of them. */
import { hopByHopNames } from '../support/header-names.ts';
import { Finding } from './finding.ts';
import type { Answer } from './lane.ts';
import type { Head, Reading } from './reading.ts';
import type { Played } from './script.ts';

/** A body whose length says at most this is read whole, so that a cut of it is a 502 (docs/request-path.md#errors). */
const wholeBytes = 65_536;

export interface Seen {
  readonly played: Played;
  readonly reading: Reading;
  readonly way: 'http' | 'event';
}

/** @throws Finding */
export function checkStream(answer: Answer, seen: Seen): void {
  if (answer.code !== undefined) checkRefusal(answer, seen);
  else checkRelayed(answer, seen);
}

/** One line of the report. */
export function toOutcome({ code, isCut }: Answer, { verdict, doubts }: Reading): string {
  const read = doubts.length > 0 ? `${verdict}, in doubt` : verdict;
  return `${read} → ${code ?? (isCut ? 'cut' : 'relayed')}`;
}

const statuses: Readonly<Record<string, number>> = {
  UPSTREAM_INVALID_RESPONSE: 502,
  UPSTREAM_CUT: 502,
  UPSTREAM_UNREACHABLE: 502,
  UPSTREAM_TIMEOUT: 504,
};

function checkRefusal({ status, code = '', isCut }: Answer, { played, reading }: Seen): void {
  const allowed = toCodes(played, reading);
  if (!allowed.includes(code) || statuses[code] !== status || isCut) {
    throw new Finding('a refusal that does not fit', {
      status,
      code,
      isCut,
      allowed,
      reading: brief(reading),
    });
  }
}

/** An empty list: it has to be relayed. */
function toCodes({ end }: Played, { verdict, doubts, head }: Reading): string[] {
  const invalid = 'UPSTREAM_INVALID_RESPONSE';
  // A reset may overtake what was sent before it.
  const broken = end === 'reset' ? ['UPSTREAM_CUT', 'UPSTREAM_UNREACHABLE'] : [];
  const ends = end === 'open' ? ['UPSTREAM_TIMEOUT'] : ['UPSTREAM_CUT', 'UPSTREAM_UNREACHABLE'];
  if (verdict === 'whole') return doubts.length > 0 ? [invalid, ...broken, ...ends] : broken;
  // A line that has not ended may be wrong already, and a wrong version may be seen only where the head ends.
  const isDoubtful = verdict === 'invalid' || head === undefined || doubts.length > 0;
  return isDoubtful ? [invalid, ...ends] : ends;
}

function checkRelayed(answer: Answer, seen: Seen): void {
  const { head } = seen.reading;
  if (!head || head.status !== answer.status) {
    throw new Finding('what is no response was relayed', [answer.status, brief(seen.reading)]);
  }
  if (answer.isCut) checkCut(answer, head, seen);
  else checkWhole(answer, head, seen);
}

function checkCut({ body }: Answer, head: Head, { played, reading }: Seen): void {
  const isSure = reading.doubts.length === 0;
  const seen = brief(reading);
  if (reading.verdict === 'whole' && isSure && played.end !== 'reset') {
    throw new Finding('a valid response was cut', seen);
  }
  if (!reading.body.startsWith(body.toString('latin1'))) {
    throw new Finding('a cut body is not what was sent', seen);
  }
  if (isSure && isReadWhole(head)) throw new Finding('a small body was cut, not refused', seen);
}

function checkWhole(answer: Answer, head: Head, { played, reading, way }: Seen): void {
  const { verdict, doubts, body } = reading;
  if (verdict !== 'whole') throw new Finding('a broken response looks whole', brief(reading));
  if (answer.body.toString('latin1') !== body) throw new Finding('another body', brief(reading));
  // In doubt it is the framing that counts; a front adds headers of its own.
  if (doubts.length > 0 || way === 'http') return;
  const expected = JSON.stringify(toRelayed(head, played.method));
  const got = JSON.stringify(answer.headers.toSorted(byName));
  if (got !== expected) {
    throw new Finding('other headers', `\n  expected ${expected}\n  received ${got}`);
  }
}

function isReadWhole({ headers }: Head): boolean {
  const length = headers.find(([name]) => name === 'content-length')?.[1];
  return length !== undefined && Number(length) <= wholeBytes;
}

const hopByHop = new Set(hopByHopNames);

/** Joined by name, cookies apart; less what is of the connection, what is the proxy's to say, and the framing. */
function toRelayed({ status, headers }: Head, method: string): [string, string][] {
  const named = headers
    .filter(([name]) => name === 'connection')
    .flatMap(([, value]) => value.split(',').map((each) => each.trim().toLowerCase()));
  const keepsLength = method === 'HEAD' || status === 304;
  const isGone = (name: string) =>
    hopByHop.has(name) ||
    named.includes(name) ||
    name.startsWith('countersign-') ||
    (name === 'content-length' && !keepsLength);
  const joined = new Map<string, string>();
  const cookies: [string, string][] = [];
  for (const [name, value] of headers.filter(([each]) => !isGone(each))) {
    const before = joined.get(name);
    if (name === 'set-cookie') cookies.push([name, value]);
    else joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return [...joined, ...cookies].toSorted(byName);
}

/** Stable: cookies stay in their order. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function brief({ verdict, doubts, head, body, rest }: Reading): unknown {
  return { verdict, doubts, status: head?.status, length: body.length, rest };
}
