/** An `upstream` of a document → what its requests are sent with. */
import { createNoUpstream } from '../../chain/chain.ts';
import type { Exchange } from '../../chain/exchange.ts';
import type { ParseContext } from '../../documents/document-error.ts';
import type { Timeout } from '../../documents/timeout.ts';
import type { Pool } from '../../send/connections.ts';
import { longestMs } from '../attributes.ts';
import { type BalancedUpstream, shouldVerifyTls } from '../call.ts';
import type { UpstreamServices } from '../services.ts';
import {
  type BalancedSettings,
  type BalancedTimes,
  createBalancedUpstream,
} from './balanced-upstream.ts';
import { type BalanceState, toFirst } from './choose.ts';
import { createConsistentHash } from './consistent-hash.ts';
import { createEwma } from './ewma.ts';
import { createHealth } from './health.ts';
import { createLeastConnections } from './least-connections.ts';
import type { Picker, UpstreamNode, Weighted } from './node.ts';
import { type ParsedNode, type ParsedNodes, parseNodes } from './parse-nodes.ts';
import { createRoundRobin } from './round-robin.ts';
import type { UpstreamConfig } from './schema.ts';

/** Reads what requests are hashed by. */
export type ReadKey = (exchange: Exchange) => string;

/** What compiling an upstream needs. */
export interface UpstreamContext extends Pick<ParseContext, 'pointer'> {
  readonly services: UpstreamServices;
  /** @throws DocumentError for a key that there is not */
  readonly compileKey: (
    settings: { readonly hash_on: UpstreamConfig['hash_on']; readonly key: string | undefined },
    pointer: string,
  ) => ReadKey;
  /**
   * @param key what the state belongs to
   * @returns the state of that key in the environment, as long as any upstream uses it
   */
  readonly keep: (key: unknown, create: () => BalanceState) => BalanceState;
}

/** An upstream of a document, before it is connected to. */
export interface CheckedUpstream extends ParsedNodes {
  readonly parsed: ParsedNodes;
  readonly config: UpstreamConfig;
  readonly readKey: ReadKey;
  /** Sentences about what does not do what it seems to. */
  readonly warnings: readonly string[];
}

/** @throws DocumentError */
export function checkUpstream(
  config: UpstreamConfig,
  { services, pointer, compileKey }: UpstreamContext,
): CheckedUpstream {
  const { hash_on, key, type } = config;
  const parsed = parseNodes(config, services.allowedHosts, pointer);
  const readKey = type === 'chash' ? compileKey({ hash_on, key }, pointer) : () => '';
  return {
    ...parsed,
    parsed,
    config,
    readKey,
    warnings: [...parsed.refusals, ...toWarnings(config)],
  };
}

function toWarnings({ pass_host, tls, scheme }: UpstreamConfig): string[] {
  const list: string[] = [];
  if (pass_host === 'pass') {
    list.push('pass_host: pass acts as node: the client never chooses the host');
  }
  if (scheme === 'http' && !tls.verify) list.push('tls.verify has no meaning beside http');
  return list;
}

/** @returns an upstream that answers `NO_UPSTREAM` where there is no node that may be called */
export function connectUpstream(
  checked: CheckedUpstream,
  context: UpstreamContext,
): BalancedUpstream {
  return connectNodes(checked, context)(context.services);
}

/** @returns makes the upstream for the services of one route: its time does not depend on the number of nodes */
export function connectNodes(
  { nodes, parsed, config, readKey }: CheckedUpstream,
  { services, keep }: UpstreamContext,
): (own: UpstreamServices) => BalancedUpstream {
  if (nodes.length === 0) {
    const call = createNoUpstream('no node of the upstream may be called');
    return ({ document }) => ({ call, callAs: call, chosenBy: document });
  }
  const parts = {
    readKey,
    parsed,
    nodes: nodes.map((node) => toConnected(node, connect(node, config, services))),
    state: keep(config, () => createState(config, nodes, services)),
  };
  return (own) =>
    createBalancedUpstream(
      {
        ...parts,
        times: toTimes(own.retry.timeout ?? config.timeout),
        ...toRetries(config, nodes, own),
      },
      own,
    );
}

/** By parsed node: equal upstreams of all documents have the same ones, and mostly the same pools. */
const connectedNodes = new WeakMap<ParsedNode, UpstreamNode>();

function toConnected(node: ParsedNode, pool: Pool): UpstreamNode {
  const known = connectedNodes.get(node);
  if (known?.pool === pool) return known;
  const connected = { ...node, pool };
  connectedNodes.set(node, connected);
  return connected;
}

function connect(
  { target, serverName }: ParsedNode,
  { keepalive_pool: pool, tls }: UpstreamConfig,
  services: UpstreamServices,
): Pool {
  return services.connect(target, {
    keepalive: pool.idle_timeout > 0,
    poolSize: pool.size,
    idleTimeoutMs: pool.idle_timeout * 1000,
    verifyTls: shouldVerifyTls({ isAsked: tls.verify, name: 'tls.verify', target }, services),
    ...(serverName === undefined ? {} : { serverName }),
  });
}

/** Before the route's own `retries`, an upstream's count; without both, each node may have the request once. */
function toRetries(
  { retries, retry_timeout }: UpstreamConfig,
  nodes: readonly Weighted[],
  { retry }: UpstreamServices,
): Pick<BalancedSettings, 'retries' | 'retryTimeoutMs'> {
  const own = retries ?? nodes.length - 1;
  return {
    retries: retry.isWritten ? retry.retries : own,
    retryTimeoutMs: retry.retryTimeoutMs || retry_timeout * 1000,
  };
}

function toTimes(timeout: Timeout | undefined): BalancedTimes | undefined {
  if (!timeout) return undefined;
  const { connect: connectSeconds, send, read } = timeout;
  return {
    connectMs: connectSeconds * 1000,
    // One deadline for all that comes before the response.
    headersMs: Math.min((connectSeconds + send + read) * 1000, longestMs),
    silenceMs: read * 1000,
  };
}

function createState(
  config: UpstreamConfig,
  nodes: readonly Weighted[],
  services: UpstreamServices,
): BalanceState {
  const passive = config.checks?.passive;
  return {
    picker: createPicker(config.type, nodes, services),
    health: passive && createHealth(passive, services.now),
  };
}

function createPicker(
  type: UpstreamConfig['type'],
  nodes: readonly Weighted[],
  { now, random }: UpstreamServices,
): Picker {
  switch (type) {
    case 'chash':
      return createConsistentHash();
    case 'ewma':
      return createEwma(now, random);
    case 'least_conn':
      return createLeastConnections(createRoundRobin(toFirst(nodes), random));
    case 'roundrobin':
      return createRoundRobin(toFirst(nodes), random);
  }
}
