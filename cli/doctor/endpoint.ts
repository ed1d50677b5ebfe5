/** Does the proxy's own URL answer, and with which table? */

import { findHeader } from '../../functions/proxy/http/headers.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/match.ts';
import { toProxyRequest } from '../explain/request.ts';
import { type Call, toCall } from '../invoke/request.ts';
import { sendCall } from '../invoke/send.ts';
import type { LoadedTable } from '../rehearsal/load-table.ts';
import { toCliError } from '../terminal/cli-error.ts';
import { type Finding, type ServerTime, toServerTime } from './finding.ts';

/** The findings about the proxy's URL, and the times that its responses showed. */
export interface EndpointReport {
  readonly findings: readonly Finding[];
  readonly times: readonly ServerTime[];
}

/** The proxy refuses it before it looks for a route, so that no upstream is called; nobody on the way resolves it. */
const refusedPath = '/%252e%252e';
const unroutedPath = '/countersign-doctor';
const timeoutMs = 10_000;
/** Unsigned: the URL is public. */
const scope = { service: 'none', region: 'none' };

/** @param loaded undefined where Parameter Store could not be read */
export async function checkEndpoint(
  url: string,
  loaded: LoadedTable | undefined,
): Promise<EndpointReport> {
  const call = toCall({ method: 'HEAD', url, headers: [], body: Buffer.alloc(0), ...scope });
  try {
    const refused = await ask(call, 'GET', refusedPath);
    const time = toServerTime(call.target.host, findHeader(refused.headers, 'date'));
    const answer = judgeAnswer(refused, url);
    if (answer.status === 'failed') return { findings: [answer], times: [time] };
    return { findings: [answer, await checkTable(call, loaded)], times: [time] };
  } catch (error) {
    const todo = 'Check --url: it is the output Url of the deployment.';
    const { message } = toCliError(error);
    return { findings: [{ check: 'endpoint', status: 'failed', text: message, todo }], times: [] };
  }
}

function judgeAnswer(response: ProxyResponse, url: string): Finding {
  const code = findHeader(response.headers, 'countersign-error');
  if (code === 'UNSAFE_PATH') return { check: 'endpoint', status: 'ok', text: `${url} answers` };
  const { status } = response;
  const text = `${url} answers ${status}${code === undefined ? '' : ` ${code}`}`;
  const todos: Readonly<Record<number, string>> = {
    403: 'If it is a function URL, the public needs two statements: lambda:InvokeFunctionUrl and lambda:InvokeFunction (docs/operations.md). If a CDN is in front of it, give its URL.',
    429: 'The function is throttled: raise its reserved concurrency, or wait.',
    502: 'The function crashes: read its log.',
    503: 'Read its log: the environment or Parameter Store keeps the function from working.',
  };
  const todo = todos[status] ?? 'The server at this URL is not Countersign: check --url.';
  return { check: 'endpoint', status: 'failed', text, todo };
}

/** A path that no route takes: the 404 is the proxy's own, and says that it has a table. */
async function checkTable(call: Call, loaded: LoadedTable | undefined): Promise<Finding> {
  if (loaded && isRouted(loaded)) {
    const text = `not asked: a route takes every path, ${unroutedPath} too`;
    return { check: 'table', status: 'skipped', text };
  }
  const response = await ask(call, 'HEAD', unroutedPath);
  const code = findHeader(response.headers, 'countersign-error');
  if (code !== 'NO_ROUTE') {
    const text = `HEAD ${unroutedPath} answers ${response.status}${code === undefined ? '' : ` ${code}`}`;
    const todo = `${code ?? 'The answer'} is explained in docs/operations.md; the function's log has the cause.`;
    return { check: 'table', status: code === undefined ? 'warning' : 'failed', text, todo };
  }
  return judgeTable(findHeader(response.headers, 'countersign-table'), loaded?.table.version);
}

/** @param shown version in the answer, where the proxy shows it */
export function judgeTable(shown: string | undefined, expected: string | undefined): Finding {
  if (shown === undefined) {
    const text = 'a table is loaded; which one is shown with COUNTERSIGN_DEBUG_HEADERS=1';
    return { check: 'table', status: 'ok', text };
  }
  if (expected === undefined || shown === expected) {
    const text = `${shown} is loaded${expected === undefined ? '' : ', as Parameter Store has it'}`;
    return { check: 'table', status: 'ok', text };
  }
  return {
    check: 'table',
    status: 'warning',
    text: `${shown} is loaded, and Parameter Store has ${expected}`,
    todo: 'Wait for a refresh (10 s by default) and ask again. If it stays, look for refresh-failed in the log; $env:// references make the versions differ as well.',
  };
}

function isRouted({ routes }: LoadedTable): boolean {
  const asked = { method: 'HEAD', url: unroutedPath, headers: [], body: Buffer.alloc(0) };
  try {
    createMatcher(routes.filter(({ isEnabled }) => isEnabled)).match(toProxyRequest(asked));
    return true;
  } catch {
    return false;
  }
}

async function ask(call: Call, method: string, path: string): Promise<ProxyResponse> {
  const request = { ...call.request, method, path };
  const response = await sendCall(
    { ...call, request },
    { scope, credentials: undefined, timeoutMs },
  );
  for await (const _ of response.body);
  return response;
}
