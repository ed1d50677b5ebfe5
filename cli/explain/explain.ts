/** Explains what the proxy would do with a request, and why. */
import { ProxyError, toProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import type { RehearsedTable, WrittenRoute } from '../rehearsal/load-table.ts';
import type { Recording, Rehearsal, UpstreamCall } from '../rehearsal/rehearsal.ts';
import { type Candidate, judgeRoutes } from './candidates.ts';
import { maskHeader, maskUrl } from './masking.ts';
import { describeRefusal, type ExplainedPlugin, explainPlugins } from './plugins.ts';
import { type AskedRequest, toProxyRequest } from './request.ts';
import { readSignature, type SignatureTexts } from './signature.ts';

/** What the proxy would do with a request. */
export interface Explanation {
  readonly request: { readonly method: string; readonly target: string; readonly host: string };
  /** Version of the table, as `countersign-table` shows it. */
  readonly table: string;
  /** The route that handles the request. */
  readonly route: ExplainedRoute | undefined;
  /** The other routes. Those that almost match come first. */
  readonly others: readonly ExplainedRoute[];
  /** The part of the path that matches the route's `*`. */
  readonly rest: string | undefined;
  /** Outermost first. */
  readonly plugins: readonly ExplainedPlugin[];
  readonly upstreams: readonly ExplainedCall[];
  /** Roles that the proxy would assume before the call. */
  readonly assumes: readonly string[];
  /** Status, code and reason, if the proxy would respond by itself. */
  readonly refusal: string | undefined;
}

/** A route in an explanation. */
export interface ExplainedRoute {
  readonly id: string;
  readonly parameter: string;
  readonly version: number;
  readonly verdict: Candidate<WrittenRoute>['verdict'];
  readonly reason: string;
  /** It is enabled, and has no access plugin that refuses clients. */
  readonly isOpen: boolean;
}

/** A call that the route would make. */
export interface ExplainedCall {
  /** Empty for the route's own `upstream`. */
  readonly plugin: string;
  /** True for the upstream of the client's request; false for a service that a plugin calls. */
  readonly isUpstream: boolean;
  readonly method: string;
  readonly url: string;
  /** Names of the client's headers that the upstream does not get. */
  readonly stripped: readonly string[];
  /** `name: value` of headers that the client did not send, with secrets masked. */
  readonly added: readonly string[];
  /** `name: value` of headers that replace the client's own. */
  readonly replaced: readonly string[];
  /** Names of headers that are passed on unchanged. */
  readonly kept: readonly string[];
  readonly bodyBytes: number;
  /** Undefined when the request is not signed. */
  readonly signature: SignatureTexts | undefined;
}

/**
 * Runs a request through a loaded table without sending anything, and records what each stage does. If the proxy would
 * refuse the request, the refusal is part of the result.
 */
export async function explainRequest(
  asked: AskedRequest,
  loaded: Pick<RehearsedTable, 'table' | 'routes' | 'rehearsal' | 'shared' | 'root'>,
): Promise<Explanation> {
  const { table, routes } = loaded;
  const request = readOrRefuse(asked);
  if (request instanceof ProxyError) return toRefused(asked, table.version, request);
  const [first, ...rest] = judgeRoutes(routes, request);
  const serving = first?.verdict === 'serves' ? first : undefined;
  const others = (serving || !first ? rest : [first, ...rest]).map(toExplainedRoute);
  // Global rules run for requests without a route, too.
  const isRun = serving !== undefined || table.guarded !== undefined;
  const run = isRun ? await rehearse(serving?.route, request, loaded) : undefined;
  const recording = run?.recording;
  const error = run ? recording?.error : findMatchError(routes, request);
  return {
    request: toShown(request),
    table: table.version,
    route: serving && toExplainedRoute(serving),
    others,
    rest: run?.rest,
    plugins: recording ? explainPlugins(serving?.route, recording, loaded) : [],
    upstreams: recording?.calls.map((call) => explainCall(call, request.headers, serving)) ?? [],
    assumes: recording?.assumed.map(({ roleArn }) => roleArn) ?? [],
    refusal: error === undefined ? undefined : describeRefusal(toProxyError(error)),
  };
}

function readOrRefuse(asked: AskedRequest): ProxyRequest | ProxyError {
  try {
    return toProxyRequest(asked);
  } catch (error) {
    if (error instanceof ProxyError) return error;
    throw error;
  }
}

function toRefused({ method, url }: AskedRequest, table: string, error: ProxyError): Explanation {
  return {
    request: { method, target: maskUrl(url), host: '' },
    table,
    route: undefined,
    others: [],
    rest: undefined,
    plugins: [],
    upstreams: [],
    assumes: [],
    refusal: describeRefusal(error),
  };
}

/** Long enough for any chain of plugins, because nothing waits for a network. */
const rehearsalMs = 30_000;

async function rehearse(
  route: WrittenRoute | undefined,
  request: ProxyRequest,
  { table, rehearsal }: { readonly table: RouteTable; readonly rehearsal: Rehearsal },
): Promise<{ readonly recording: Recording; readonly rest: string | undefined }> {
  const matcher = table.guarded ?? createMatcher(route ? [route] : []);
  let rest: string | undefined;
  const record = { coldStart: false, upstreamTries: 0 };
  const deadlineMs = Date.now() + rehearsalMs;
  const { consumers } = table;
  const nobody = {
    ...{ consumer: undefined, identity: new Map<string, string>() },
    ...{ reserved: new Set<string>(), carriers: new Set<string>() },
  };
  const recording = await rehearsal.record(async () => {
    const matched = matcher.match(request);
    rest = matched.rest;
    const exchange = { request, rest, deadlineMs, record, consumers, ...nobody };
    return matched.route.handle(exchange);
  });
  return { recording, rest };
}

function findMatchError(routes: readonly WrittenRoute[], request: ProxyRequest): unknown {
  try {
    createMatcher(routes.filter(({ isEnabled }) => isEnabled)).match(request);
    return undefined;
  } catch (error) {
    return error;
  }
}

function toExplainedRoute({ route, verdict, reason }: Candidate<WrittenRoute>): ExplainedRoute {
  const { id, parameter, version, isOpen, isEnabled } = route;
  return { id, parameter, version, verdict, reason, isOpen: isOpen && isEnabled };
}

function toShown({ method, path, query, host }: ProxyRequest): Explanation['request'] {
  return { method, target: maskUrl(query === '' ? path : `${path}?${query}`), host };
}

function explainCall(
  call: UpstreamCall,
  client: ProxyRequest['headers'],
  serving: Candidate<WrittenRoute> | undefined,
): ExplainedCall {
  const { plugin: name, origin, method, target, headers, body } = call;
  // What no plugin calls is the route's own `upstream`. The nodes that traffic-split chooses are called in place of one.
  const isUpstream =
    name === '' ||
    name === 'traffic-split' ||
    serving?.route.plugins.some((prepared) => prepared.name === name && prepared.isUpstream);
  const received = isUpstream ? client : {};
  const sent = new Map(headers);
  const pick = (isWanted: (name: string, value: string) => boolean) =>
    headers
      .filter(([name, value]) => isWanted(name, value))
      .map(([name, value]) => `${name}: ${maskHeader(name, value)}`);
  const host = sent.get('host') ?? origin.hostname;
  return {
    plugin: name,
    isUpstream: isUpstream ?? false,
    method,
    url: maskUrl(`${origin.protocol}//${host}${target}`),
    stripped: Object.keys(received).filter((name) => !sent.has(name)),
    added: pick((name) => received[name] === undefined),
    replaced: pick((name, value) => received[name] !== undefined && received[name] !== value),
    kept: headers.filter(([name, value]) => received[name] === value).map(([name]) => name),
    bodyBytes: body.length,
    signature: readSignature(call),
  };
}
