/** Which headers an upstream must receive, and no other ones: the table of docs/request-path.md, written anew. */
import { gatewayNames, hopByHopNames, overridingNames } from '../support/header-names.ts';
import { marked } from '../support/marked-secrets.ts';
import type { Asked } from './asked.ts';
import type { EventHeaders } from './event.ts';
import type { Rule } from './routes.ts';

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

interface Context {
  readonly asked: Asked;
  readonly rule: Rule;
  readonly body: Buffer;
  readonly upstreamHost: string;
  readonly method: string;
  /** Lower case. */
  readonly host: string;
}

const dropped = new Set([
  ...hopByHopNames,
  ...['expect', 'host', 'content-length', 'accept-encoding', 'authorization', 'forwarded', 'via'],
  ...['x-real-ip', 'x-apigw-api-id', 'x-original-authorization'],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
  ...overridingNames,
  ...gatewayNames,
]);

export function toExpectedHeaders(headers: EventHeaders, context: Context): HeaderPairs {
  const { asked, rule } = context;
  const named = (headers['connection'] ?? '')
    .split(',')
    .map((name) => blankless(name).toLowerCase());
  const from: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers))
    if (!named.includes(name)) from[name] = value;
  const cookies = asked.cookies ?? [];
  // The list counts where there is no header, and a header that `Connection` names was there.
  if (headers['cookie'] === undefined && cookies.length > 0 && !named.includes('cookie')) {
    from['cookie'] = cookies.join('; ');
  }
  const isGone = (name: string) =>
    dropped.has(name) ||
    name.startsWith('x-amz-') ||
    (name.startsWith('x-amzn-') && name !== 'x-amzn-trace-id') ||
    name === rule.forwardAs ||
    (name === 'x-api-key' && rule.hasApiKey === true);
  const relayed = Object.entries(from)
    .filter(([name]) => !isGone(name) && !isGone(name.split(/[^0-9a-z-]/i).join('-')))
    .map(([name, value]) => [name, name === 'content-type' ? tabless(value) : value] as const);
  return toWire([...relayed, ...credentials(from, rule), ...ours(from, context)]);
}

/** As they stand on the wire: bytes in Latin-1, without the blanks around them; sorted. */
export function toWire(pairs: HeaderPairs): HeaderPairs {
  return pairs
    .map(([name, value]) => [name, blankless(toBytes(value))] as const)
    .toSorted(([a, x], [b, y]) => (a + x < b + y ? -1 : 1));
}

function credentials(from: EventHeaders, rule: Rule): HeaderPairs {
  const { authorization } = from;
  return [
    ...(authorization === undefined || rule.forwardAs === ''
      ? []
      : [[rule.forwardAs, tabless(authorization)] as const]),
    ...(rule.hasApiKey ? [['x-api-key', marked.apiKey] as const] : []),
  ];
}

function ours(from: EventHeaders, context: Context): HeaderPairs {
  const { asked, body, upstreamHost, method, host } = context;
  const via = `${asked.protocol.slice('HTTP/'.length)} countersign`;
  const addresses = toAddresses(from['x-forwarded-for'], asked.sourceIp);
  const hasLength =
    body.length > 0 || !['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(method);
  return [
    ['host', upstreamHost],
    ['via', from['via'] ? `${toBytes(from['via'])}, ${via}` : via],
    ['x-forwarded-proto', 'https'],
    ['accept-encoding', 'identity'],
    ...(addresses === '' ? [] : [['x-forwarded-for', addresses] as const]),
    ...(host === '' ? [] : [['x-forwarded-host', host] as const]),
    ...(hasLength ? [['content-length', String(body.length)] as const] : []),
  ];
}

/** The peer's address comes last, once. */
function toAddresses(received: string | undefined, peer: string): string {
  if (!received) return peer;
  const last = received.slice(received.lastIndexOf(',') + 1).trim();
  return peer === '' || last === peer ? received : `${toBytes(received)}, ${peer}`;
}

/** Header values are bytes: what has a character beyond Latin-1 travels as UTF-8. */
function toBytes(value: string): string {
  const isLatin = [...value].every((char) => (char.codePointAt(0) as number) < 256);
  return isLatin ? value : Buffer.from(new TextEncoder().encode(value)).toString('latin1');
}

function tabless(value: string): string {
  return value.split('\t').join(' ');
}

function blankless(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '');
}
