/** Runs one plugin on one request, with an upstream that answers 200. */
import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest, ProxyResponse } from '../../functions/proxy/http/message.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { toExchange, toRequest, toResponse, toServices } from './builders.ts';

export interface PluginRun {
  /** What the plugin handed on; undefined where it answered by itself. */
  readonly passed: Exchange | undefined;
  readonly response: ProxyResponse | undefined;
  readonly error: ProxyError | undefined;
}

export interface PluginRunParts {
  readonly request?: Partial<ProxyRequest>;
  readonly exchange?: Partial<Exchange>;
  readonly response?: Partial<ProxyResponse>;
  readonly nowMs?: number;
}

/** @throws DocumentError for settings that the plugin refuses */
export function preparePlugin(plugin: Plugin, config: unknown, nowMs?: number) {
  const services = toServices(nowMs === undefined ? {} : { nowMs });
  return plugin.prepare(config, services, { pointer: '/plugins/it', written: config });
}

export async function runPlugin(
  plugin: Plugin,
  config: unknown,
  { request = {}, exchange = {}, response = {}, nowMs }: PluginRunParts = {},
): Promise<PluginRun> {
  const { middleware } = preparePlugin(plugin, config, nowMs);
  let passed: Exchange | undefined;
  try {
    const answered = await middleware(
      toExchange({ ...exchange, request: toRequest(request) }),
      async (handed) => {
        passed = handed;
        return toResponse(response);
      },
    );
    return { passed, response: answered, error: undefined };
  } catch (error) {
    if (error instanceof ProxyError) return { passed, response: undefined, error };
    throw error;
  }
}

/** @returns `passed`, or status and code of what the client gets in its place */
export async function verdictOf(
  plugin: Plugin,
  config: unknown,
  parts: PluginRunParts = {},
): Promise<string> {
  const { passed, error } = await runPlugin(plugin, config, parts);
  if (error) return `${error.answer?.status ?? ''} ${error.code}`.trim();
  return passed ? 'passed' : 'answered';
}
