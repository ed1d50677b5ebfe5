/** Checks whether the proxy's URL answers, and with which table. */

import { findHeader } from '../../functions/proxy/http/headers.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import { toProxyRequest } from '../explain/request.ts';
import { type Call, toCall } from '../invoke/request.ts';
import { sendCall } from '../invoke/send.ts';
import type { LoadedTable } from '../rehearsal/load-table.ts';
import { toCliError } from '../terminal/cli-error.ts';
import { type Finding, type ServerTime, toServerTime } from './finding.ts';

/** The findings about the proxy's URL, and the times in its responses. */
export interface EndpointReport {
  readonly findings: readonly Finding[];
  readonly times: readonly ServerTime[];
}

/**
 * The proxy refuses this path before it looks for a route, so no upstream is called. Nothing between client and proxy
 * normalises it.
 */
const refusedPath = '/%252e%252e';
const unroutedPath = '/countersign-doctor';
const timeoutMs = 10_000;
/** The URL is public, so the calls are not signed. */
const scope = { service: 'none', region: 'none' };

/** @param loaded the table; undefined if Parameter Store could not be read */
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

/** Requests a path that no route has. The proxy's 404 shows that it has a table. */
async function checkTable(call: Call, loaded: LoadedTable | undefined): Promise<Finding> {
  if (loaded && isRouted(loaded)) {
    const text = `not asked: a route takes every path, ${unroutedPath} too`;
    return { check: 'table', status: 'skipped', text };
  }
  const response = await ask(call, 'HEAD', unroutedPath);
  const code = findHeader(response.headers, 'countersign-error');
  if (code !== 'NO_ROUTE') {
    const text = `HEAD ${unroutedPath} answers ${response.status}${code === undefined ? '' : ` ${code}`}`;
    const todo = `docs/operations.md explains ${code ?? 'the answer'}; the function's log has the cause.`;
    return { check: 'table', status: code === undefined ? 'warning' : 'failed', text, todo };
  }
  return judgeTable(findHeader(response.headers, 'countersign-table'), loaded?.table.version);
}

/** @param shown version in the response, if the proxy shows it */
export function judgeTable(shown: string | undefined, expected: string | undefined): Finding {
  if (shown === undefined) {
    const text = 'a table is loaded; which one is shown with COUNTERSIGN_DEBUG_HEADERS=1';
    return { check: 'table', status: 'ok', text };
  }
  if (expected === undefined || shown === expected) {
    const text = `${shown} is loaded${expected === undefined ? '' : ', the same as in Parameter Store'}`;
    return { check: 'table', status: 'ok', text };
  }
  return {
    check: 'table',
    status: 'warning',
    text: `${shown} is loaded, and Parameter Store has ${expected}`,
    todo: 'Wait for a refresh (10 s by default) and check again. If the versions still differ, look for refresh-failed in the log. $env:// references make them differ as well.',
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
