/**
 * Reads from a malformed consumer document which headers its plugins would set, as far as its text can be read. It is used
 * when the document has no valid version: what plugins set for one consumer, no other client may say.
 */

import { createHash } from 'node:crypto';
import { getNodeValue, type Node, parseTree } from 'jsonc-parser';
import type { Consumer } from '../chain/exchange.ts';
import { isTooDeep } from '../documents/depth.ts';
import { token } from '../http/token.ts';
import { tokenHeaders } from '../plugins/authentication/openid-connect/claims.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { DocumentInForce } from './in-force.ts';
import type { LoadState } from './load-state.ts';
import { findMeantPlugin } from './meant-plugin.ts';
import type { Parameter } from './parameters.ts';

/** Attributes that list headers (`upstream_headers`), or that have them as keys (`claim_headers`). */
const namingAttribute = /^(?:upstream|claim)s?[-_ ]?headers?$/i;

/** @returns consumers that are refused, with the headers; undefined if the text shows no header */
export function readReserved(
  { name, value }: Parameter,
  { registry }: LoadState,
): DocumentInForce | undefined {
  const document = isTooDeep(value) ? undefined : parseTree(value);
  const headers = document ? readHeaders(document, registry) : [];
  if (!document || headers.length === 0) return undefined;
  const consumers = readUsernames(document, name).map((username, index) =>
    // The first one has the headers of all.
    toNobody(username, name, index === 0 ? [...new Set(headers)] : []),
  );
  const nothing = { routes: [], missing: [], withheld: [], pools: [], warnings: [] };
  const digest = createHash('sha256').update(`reserved by ${name} ${value}`).digest('hex');
  // The empty text keeps this from being taken for a valid version.
  const of = { parameter: name, version: 0, text: '', digest };
  return { ...nothing, ...of, consumers, linked: '', substituted: [], patternSteps: 0 };
}

/** @returns a consumer without keys: no client is this consumer */
function toNobody(
  username: string,
  parameter: string,
  identityHeaders: readonly string[],
): Consumer {
  const nothing = { labels: {}, credentials: new Map(), plugins: [] };
  return { ...nothing, username, parameter, isAvailable: false, identityHeaders };
}

function readUsernames(document: Node, parameter: string): readonly string[] {
  const isList = document.type === 'array';
  const items = isList ? (document.children ?? []) : [document];
  const written = items.flatMap((item) => {
    const { username } = Object(getNodeValue(item));
    return typeof username === 'string' ? [username] : [];
  });
  // The whole name of a parameter is no user name, so it takes none from another consumer.
  const own = isList ? parameter : (parameter.split('/').at(-1) ?? parameter);
  return written.length > 0 ? [...new Set(written)] : [own];
}

/** @returns lower-case names, from any depth: a plugin may be in a wrong place */
function readHeaders(node: Node, registry: PluginRegistry): readonly string[] {
  const { type, children = [] } = node;
  if (type !== 'property') return children.flatMap((child) => readHeaders(child, registry));
  const [key, value] = children;
  if (!key || !value) return [];
  const name = String(key.value);
  if (namingAttribute.test(name)) return readNames(value);
  const plugin = findMeantPlugin(name, registry);
  if (plugin === 'attach-consumer-label') return readLabelled(value);
  const own = plugin === 'openid-connect' ? tokenHeaders : [];
  return [...own, ...readHeaders(value, registry)];
}

/** @returns names of the headers that are set to labels, such as `$role` */
function readLabelled({ type, children = [] }: Node): readonly string[] {
  if (type !== 'property') return children.flatMap(readLabelled);
  const [key, value] = children;
  if (!key || !value) return [];
  const name = String(key.value);
  if (!String(value.value).startsWith('$')) return readLabelled(value);
  return token.test(name) ? [name.toLowerCase()] : [];
}

function readNames(node: Node): string[] {
  const value: unknown = getNodeValue(node);
  const names = node.type === 'object' ? Object.keys(Object(value)) : [value].flat();
  return names.flatMap((name) =>
    typeof name === 'string' && token.test(name) ? [name.toLowerCase()] : [],
  );
}
