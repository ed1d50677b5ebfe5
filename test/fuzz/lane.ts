/** One execution environment of the built artefact, driven event by event, and everything that it says. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startFunctionUrl } from '../../local/function-url/function-url.ts';
import { startParameterStore } from '../../local/parameter-store/parameter-store.ts';
import { splitPrelude } from '../../local/prelude.ts';
import { createEnvironmentPool } from '../../local/runtime/environment-pool.ts';
import { proxyEnv } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { findMarked, marked } from '../support/marked-secrets.ts';
import { closeAtEnd } from '../support/open-resources.ts';
import { Finding } from './finding.ts';

/** What a client got, whichever way it asked. */
export interface Answer {
  readonly status: number;
  /** Lower-case names, in order; cookies are among them as `set-cookie`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The stream broke off before its end. */
  readonly isCut: boolean;
  /** `countersign-error` */
  readonly code: string | undefined;
}

export interface Lane {
  /** Hands an event to the handler, past any front. */
  ask(event: unknown, requestId: string): Promise<Answer>;
  /** Asks over HTTP, through the local function URL. */
  askOverHttp(request: ClientRequest): Promise<Answer>;
  /** @throws Finding when the environment died, or said something that it must not say */
  check(): void;
  /** Ends the environment and checks the last of what it said, also that it said one access line a request. */
  close(): Promise<void>;
}

export interface LaneOptions {
  readonly routes: Readonly<Record<string, unknown>>;
  /** A cut is written to standard error by the runtime client; anything else there is a finding. */
  readonly mayCut: boolean;
}

/** Nothing that is asked takes this long: whatever does is a hang. */
const hangMs = 15_000;

export async function startLane({ routes, mayCut }: LaneOptions): Promise<Lane> {
  const store = await startParameterStore();
  const put = (name: string, value: string, type: string) =>
    store.call('PutParameter', {
      Name: `${LOCAL_PARAMETER_PATH}/${name}`,
      Value: value,
      Type: type,
    });
  for (const [id, route] of Object.entries(routes)) {
    put(`routes/${id}`, JSON.stringify(route), 'String');
  }
  put('secrets/api-key', marked.apiKey, 'SecureString');
  const log = createLog(mayCut);
  const pool = createEnvironmentPool({
    taskRoot: join(import.meta.dirname, '..', '..', 'dist', 'proxy'),
    env: {
      ...proxyEnv(store.url),
      COUNTERSIGN_REFRESH_SECONDS: '3600',
      AWS_SECRET_ACCESS_KEY: marked.roleSecretKey,
      AWS_SESSION_TOKEN: marked.roleSessionToken,
    },
    onLine: log.take,
    maxEnvironments: 1,
  });
  try {
    await pool.warm();
  } catch (error) {
    await Promise.all([pool.close(), store.close()]);
    throw error;
  }
  const [pid] = pool.pids();
  const front = await startFunctionUrl({
    invoke: pool.invoke,
    invokeMode: 'RESPONSE_STREAM',
    timeoutMs: hangMs,
  });
  const close = closeAtEnd(() => Promise.all([front.close(), pool.close(), store.close()]));
  let asks = 0;
  return {
    ask(event, requestId) {
      asks += 1;
      return invoke(() => pool.invoke(event, { timeoutMs: hangMs, requestId }));
    },
    askOverHttp(request) {
      asks += 1;
      return askOverHttp(front.url, request);
    },
    check() {
      if (pool.pids()[0] !== pid) throw new Finding('the environment crashed or hung', log.last());
      log.check();
    },
    async close() {
      // A line is written behind the answer: it may still be on its way.
      for (let waits = 0; waits < 100 && log.accessLines() < asks; waits += 1) await pause(10);
      await close();
      log.check();
      if (log.accessLines() !== asks) {
        throw new Finding('not one access line a request', [log.accessLines(), asks]);
      }
    },
  };
}

type Invoked = ReturnType<ReturnType<typeof createEnvironmentPool>['invoke']>;

async function invoke(call: () => Invoked): Promise<Answer> {
  const result = await call();
  if (result.kind !== 'stream') throw new Finding('the function failed', JSON.stringify(result));
  const { prelude, body } = await splitPrelude(result.body as AsyncIterable<Buffer>);
  const chunks: Buffer[] = [];
  let isCut = false;
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch {
    isCut = true;
  }
  const headers = Object.entries(prelude.headers ?? {}).map(
    ([name, value]) => [name, String(value)] as const,
  );
  const cookies = (prelude.cookies ?? []).map((cookie) => ['set-cookie', cookie] as const);
  return {
    status: prelude.statusCode ?? 0,
    headers: [...headers, ...cookies],
    body: Buffer.concat(chunks),
    isCut,
    code: headers.find(([name]) => name === 'countersign-error')?.[1],
  };
}

async function askOverHttp(url: string, request: ClientRequest): Promise<Answer> {
  const { status, headers, body, isCut, header } = await send(url, request);
  return { status, headers, body, isCut, code: header('countersign-error') };
}

/** Keeps what was written until it is checked: whole lines of JSON without a marked secret. */
function createLog(mayCut: boolean) {
  let unchecked: string[] = [];
  let last = '';
  let accessLines = 0;
  const take = (line: string, stream: 'stdout' | 'stderr') => {
    last = line;
    if (stream === 'stdout' && line.includes('"type":"access"')) accessLines += 1;
    const isStack = stream === 'stderr' && mayCut && /^(\s|Error: response cut: )|^}$/.test(line);
    unchecked.push(stream === 'stderr' && !isStack ? `stderr: ${line}` : line);
  };
  const check = () => {
    const lines = unchecked;
    unchecked = [];
    for (const line of lines) {
      if (findMarked(line).length > 0) throw new Finding('a secret in the log', line);
      if (line.startsWith('stderr: ')) throw new Finding('something on standard error', line);
      if (line.includes('"INTERNAL"')) throw new Finding('an internal error', line);
    }
  };
  return { take, check, last: () => last, accessLines: () => accessLines };
}
