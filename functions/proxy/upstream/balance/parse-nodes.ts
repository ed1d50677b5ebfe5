/** The `nodes` of an upstream → where its requests may go. Both forms of APISIX are read. */
import { documentError, pointerTo } from '../../documents/document-error.ts';
import { keepCompiled } from '../../documents/kept-compiled.ts';
import { type AllowedHost, findForbiddenOrigin, type Origin } from '../../send/hosts.ts';
import { parseTarget, type Target, TargetError } from '../target.ts';
import type { Weighted } from './node.ts';
import type { UpstreamConfig } from './schema.ts';

/** A node with its address. */
export interface ParsedNode extends Weighted {
  readonly target: Target;
  /** The name that its certificate has to have; undefined where it is the host's own. */
  readonly serverName: string | undefined;
}

/** The nodes of a document. */
export interface ParsedNodes {
  /** The nodes that have a weight and may be called. */
  readonly nodes: readonly ParsedNode[];
  /** Sentences about those that may not be called. */
  readonly refusals: readonly string[];
}

/**
 * Thousands of documents may name one upstream of hundreds of nodes, so equal nodes are parsed once and held once.
 *
 * @param pointer of the upstream
 * @throws DocumentError for a node that is no host, or that is there twice
 */
export function parseNodes(
  config: UpstreamConfig,
  allowedHosts: readonly AllowedHost[],
  pointer: string,
): ParsedNodes {
  const { scheme, nodes, pass_host, upstream_host } = config;
  const allowed = toNumber(allowedHosts);
  return keepCompiled(['nodes', scheme, nodes, pass_host, upstream_host, allowed], () =>
    parseEach(config, allowedHosts, pointer),
  );
}

/** The list may be long, and a process has one: its number stands for it in each key. */
const numbers = new WeakMap<readonly AllowedHost[], number>();
let count = 0;

function toNumber(allowedHosts: readonly AllowedHost[]): number {
  const known = numbers.get(allowedHosts);
  if (known !== undefined) return known;
  count += 1;
  numbers.set(allowedHosts, count);
  return count;
}

function parseEach(
  config: UpstreamConfig,
  allowedHosts: readonly AllowedHost[],
  pointer: string,
): ParsedNodes {
  const { scheme } = config;
  const named = parseNamed(config, pointer);
  const nodes: ParsedNode[] = [];
  const refusals: string[] = [];
  const names = new Set<string>();
  for (const { authority, at, weight, priority } of toEntries(
    config,
    pointerTo(pointer, 'nodes'),
  )) {
    const own = parseAuthority(scheme, authority, at);
    const name = toName(own);
    if (names.has(name)) throw documentError(at, authority, 'each host and port once');
    names.add(name);
    const refusal = findRefusal({ name, own, named }, allowedHosts);
    if (refusal !== undefined) refusals.push(refusal);
    else if (weight > 0) {
      const target = named ? { ...named.target, ...toOrigin(own) } : own;
      nodes.push({ name, weight, priority, target, serverName: named?.target.hostname });
    }
  }
  return { nodes, refusals };
}

interface Addressed {
  readonly name: string;
  readonly own: Target;
  readonly named: Named | undefined;
}

function findRefusal(
  { name, own, named }: Addressed,
  allowedHosts: readonly AllowedHost[],
): string | undefined {
  const forbidden = findForbiddenOrigin(own, allowedHosts);
  if (forbidden) return `node ${name} is not called: ${forbidden}`;
  const unnamed = named && findForbiddenOrigin(named.origin, allowedHosts);
  return unnamed && `node ${name} is not called as ${named.target.host}: ${unnamed}`;
}

interface Entry extends Pick<Weighted, 'weight' | 'priority'> {
  readonly authority: string;
  readonly at: string;
}

function toEntries({ nodes = {} }: UpstreamConfig, pointer: string): readonly Entry[] {
  if (!Array.isArray(nodes)) {
    return Object.entries(nodes).map(([authority, weight]) => {
      return { authority, weight, priority: 0, at: pointerTo(pointer, authority) };
    });
  }
  return nodes.map(({ host, port, weight, priority }, index) => {
    const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
    const authority = port === undefined ? bracketed : `${bracketed}:${port}`;
    return { authority, weight, priority, at: pointerTo(pointerTo(pointer, index), 'host') };
  });
}

interface Named {
  /** Its `host` is what the `Host` header says. */
  readonly target: Target;
  /** Checked by the rule of hosts, as https: the exception for http on loopback hosts does not apply to a name in `Host`. */
  readonly origin: Origin;
}

/** With `"pass_host": "rewrite"` the server may choose by the `Host` header which site it serves, so that name is held to the same rule. */
function parseNamed(
  { pass_host, upstream_host = '', scheme }: UpstreamConfig,
  pointer: string,
): Named | undefined {
  if (pass_host !== 'rewrite') return undefined;
  const at = pointerTo(pointer, 'upstream_host');
  const target = parseAuthority(scheme, upstream_host, at);
  return { target, origin: toOrigin(parseAuthority('https', upstream_host, at)) };
}

/** @throws DocumentError */
function parseAuthority(scheme: string, authority: string, at: string): Target {
  const expected = 'a plain host name or address, with a port where it is not that of the scheme';
  if (/[/?#]/.test(authority)) throw documentError(at, authority, expected);
  try {
    return parseTarget(`${scheme}://${authority}`, [], () => undefined);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw documentError(at, authority, expected);
  }
}

function toOrigin({ protocol, hostname, port }: Origin): Origin {
  return { protocol, hostname, port };
}

function toName({ hostname, port }: Origin): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
