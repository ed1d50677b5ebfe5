/** Small valid values of the runtime's types. A test sets only what matters to it. */

import type { AccessRecord, Exchange } from '../../functions/proxy/chain/exchange.ts';
import { createShare } from '../../functions/proxy/chain/share.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type {
  HeaderList,
  ProxyRequest,
  ProxyResponse,
  UpstreamRequest,
} from '../../functions/proxy/http/message.ts';
import type { Logger } from '../../functions/proxy/log/log.ts';
import type { PluginServices } from '../../functions/proxy/plugins/plugin.ts';
import { createConsumers } from '../../functions/proxy/routes/consumers.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import { parseUri } from '../../functions/proxy/routes/uri.ts';
import type { Pool, PoolSettings } from '../../functions/proxy/send/connections.ts';
import { type AllowedHost, parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { parseTarget, type Target } from '../../functions/proxy/upstream/target.ts';

export const functionUrlHost = 'abcdefghij0123456789klmnopqrst.lambda-url.eu-west-1.on.aws';
export const apiHost = 'abc1234567.execute-api.us-east-1.amazonaws.com';

export const executionKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

interface EventParts {
  readonly method?: unknown;
  readonly rawPath?: unknown;
  readonly rawQueryString?: unknown;
  readonly headers?: unknown;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** A function URL event of payload 2.0. Its decoded copies contain values that no code should use. */
export function toEvent({ method = 'GET', ...parts }: EventParts = {}): Record<string, unknown> {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: { host: 'proxy.lambda-url.eu-west-1.on.aws' },
    queryStringParameters: { decoded: 'must not be read' },
    requestContext: {
      domainName: 'proxy.lambda-url.eu-west-1.on.aws',
      http: {
        method,
        path: '/decoded must not be read',
        protocol: 'HTTP/1.1',
        sourceIp: '192.0.2.7',
        userAgent: 'test',
      },
    },
    isBase64Encoded: false,
    ...parts,
  };
}

export function toRequest(parts: Partial<ProxyRequest> = {}): ProxyRequest {
  return {
    id: 'request-1',
    method: 'GET',
    path: '/',
    query: '',
    target: '/',
    headers: {},
    body: Buffer.alloc(0),
    sourceIp: '192.0.2.7',
    clientIp: parts.sourceIp ?? '192.0.2.7',
    protocol: 'HTTP/1.1',
    host: 'proxy.example.com',
    ...parts,
  };
}

export function toExchange(parts: Partial<Exchange> = {}): Exchange {
  const record: AccessRecord = { coldStart: false, upstreamTries: 0 };
  return {
    request: toRequest(),
    rest: undefined,
    deadlineMs: Number.MAX_SAFE_INTEGER,
    record,
    consumers: createConsumers([]),
    consumer: undefined,
    identity: new Map(),
    reserved: new Set(),
    carriers: new Set(),
    ...parts,
  };
}

export function toResponse(parts: Partial<ProxyResponse> = {}): ProxyResponse {
  return { status: 200, headers: [], body: Buffer.alloc(0), ...parts };
}

export function toUpstreamRequest(parts: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: 'GET',
    path: '/',
    query: '',
    headers: [['host', 'example.amazonaws.com']],
    body: Buffer.alloc(0),
    ...parts,
  };
}

interface RouteParts extends Partial<Omit<Route, 'uris' | 'methods'>> {
  readonly uri?: string;
  readonly uris?: readonly string[];
  readonly methods?: readonly string[];
}

/** A route as the matcher takes it; its handle answers with its id. */
export function toRoute({ uri = '/*', uris = [uri], methods, ...parts }: RouteParts): Route {
  const id = parts.id ?? `${uris.join(' ')}`;
  return {
    id,
    parameter: '/countersign/test/routes/x',
    uris: uris.map(parseUri),
    hosts: [''],
    methods: methods && new Set(methods),
    priority: 0,
    isEnabled: true,
    isAvailable: true,
    isOpen: true,
    secretParameters: [],
    plugins: [],
    handle: async () => toResponse({ body: Buffer.from(id) }),
    ...parts,
  };
}

export function toAllowedHosts(text: string): readonly AllowedHost[] {
  return parseAllowedHosts(text, (found) => {
    throw new Error(`no host list: ${found}`);
  });
}

export function toTarget(functionUri = `https://${functionUrlHost}/`, allowed = ''): Target {
  return parseTarget(functionUri, toAllowedHosts(allowed));
}

export function headersOf(list: HeaderList, name: string): string[] {
  return list.filter(([own]) => own === name).map(([, value]) => value);
}

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RecordingLogger extends Logger {
  readonly lines: LogLine[];
}

/** A logger that keeps every line. */
export function toLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine['level']) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    always: at('info'),
    isEnabled: () => true,
  };
}

export interface FakeServices extends PluginServices {
  readonly warnings: string[];
  readonly connections: { readonly hostname: string; readonly settings: PoolSettings }[];
  readonly logged: { readonly message: string; readonly fields: unknown }[];
  readonly assumed: unknown[];
}

interface ServiceParts {
  readonly allowedHosts?: string;
  readonly region?: string;
  readonly pool?: Pool;
  readonly nowMs?: number;
}

/** Services of a plugin, without network or clock. */
export function toServices({
  allowedHosts = '',
  region = 'ap-south-1',
  pool = { dropStale: async () => {}, warm() {}, closeIdle() {} } as unknown as Pool,
  nowMs = Date.UTC(2026, 0, 2, 3, 4, 5),
}: ServiceParts = {}): FakeServices {
  const warnings: string[] = [];
  const connections: FakeServices['connections'] = [];
  const logged: FakeServices['logged'] = [];
  const assumed: unknown[] = [];
  return {
    warnings,
    connections,
    logged,
    assumed,
    region,
    allowedHosts: toAllowedHosts(allowedHosts),
    credentials: {
      execution: async () => executionKeys,
      assume(role) {
        assumed.push(role);
        return async () => ({ accessKeyId: 'ASSUMED', secretAccessKey: 'assumed-secret' });
      },
    },
    limits: { endpoint: new URL('http://127.0.0.1:1/'), table: 'limits', share: createShare() },
    parameter: '/countersign/test/routes/x',
    owner: '/countersign/test/routes/x#x',
    document: '/countersign/test/routes/x',
    now: () => nowMs,
    random: () => 0.5,
    sleep: async () => {},
    retry: { retries: 0, retryTimeoutMs: 0 },
    log: (_, message, fields) => logged.push({ message, fields }),
    connect(origin, settings) {
      connections.push({ hostname: origin.hostname, settings });
      return pool;
    },
    warn: (message) => warnings.push(message),
    countSteps() {},
    countInherited() {},
  };
}

/** @returns the error that a call throws; the test fails if it throws none */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** @returns the error of a rejected promise; the test fails if it does not reject */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** @returns the code of a ProxyError that a call throws */
export function codeThrownBy(call: () => unknown): string {
  const error = thrownBy(call);
  if (error instanceof ProxyError) return error.code;
  throw error;
}
