/** Runs one plugin on one request, with an upstream that answers 200. */
import * as v from 'valibot';
import type { Consumer, Consumers, Exchange } from '../../functions/proxy/chain/exchange.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest, ProxyResponse } from '../../functions/proxy/http/message.ts';
import type { Plugin } from '../../functions/proxy/plugins/plugin.ts';
import { createConsumers } from '../../functions/proxy/routes/consumers.ts';
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

/** Consumers by user name, with these settings of the plugin; `guest` is one without credentials. */
export function toConsumers(
  plugin: Plugin,
  settingsByName: Readonly<Record<string, unknown>>,
): Consumers {
  const known = Object.entries(settingsByName).map(([username, written]) => {
    if (!plugin.consumer) throw new Error(`${plugin.name} knows no consumers`);
    const settings = v.parse(plugin.consumer.schema, written);
    const credential = { key: plugin.consumer.toKey(settings), settings };
    return toConsumer(username, new Map([[plugin.name, credential]]));
  });
  return createConsumers([...known, toConsumer('guest', new Map())]);
}

export function toConsumer(username: string, credentials: Consumer['credentials']): Consumer {
  const labels = { custom_id: `id-of-${username}` };
  const place = { parameter: `/consumers/${username}`, isAvailable: true };
  return { username, ...place, labels, credentials, plugins: [], identityHeaders: [] };
}

/** @returns the name of the consumer that the request passes as, or the sentence that the client gets */
export async function consumerOf(
  plugin: Plugin,
  config: unknown,
  parts: PluginRunParts,
): Promise<string | undefined> {
  const { passed, error } = await runPlugin(plugin, config, parts);
  return error ? error.detail : passed?.consumer?.username;
}
