/** Describes what each plugin of a route does with a request, from its settings and the rehearsal. */

import type { Exchange } from '../../functions/proxy/chain/exchange.ts';
import { type ProxyError, toProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { toProblem } from '../../functions/proxy/http/problem.ts';
import type { WrittenRoute } from '../rehearsal/load-table.ts';
import type { Recording, Step } from '../rehearsal/rehearsal.ts';
import { listRules } from '../rehearsal/upstreams.ts';
import { maskSecrets } from '../terminal/mask.ts';
import { mapStrings, maskHeader, maskUrl } from './masking.ts';
import {
  findInherited,
  findOfConsumer,
  findRule,
  type Origin,
  type OriginTable,
} from './origins.ts';

/** What a plugin would do with the request. */
export interface ExplainedPlugin {
  readonly name: string;
  /** The document that it is in, such as `services/shop`; undefined for one of the route itself. */
  readonly from: string | undefined;
  /** Higher runs earlier; undefined for a plugin that does not run. */
  readonly priority: number | undefined;
  /** Settings as written, with secrets masked. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** For example `passes it on` or `answers 403`. */
  readonly does: string;
  /** Changes of the request that it passes on. */
  readonly changes: readonly string[];
  /** The reason why another request may have another result. */
  readonly dependsOn?: string;
}

/** State that decisions depend on besides the request and the document. The rehearsal starts without it. */
const memories: Readonly<Record<string, string>> = {
  'api-breaker': 'how often the upstream failed before, counted per environment',
  'forward-auth': "its authorizer's answer, which is an empty 200 here",
  'limit-conn': 'how many requests are under way',
  'limit-count': 'how many requests came before',
  'limit-req': 'how many requests came before',
  'traffic-split': 'whose turn it is, counted per environment, and its weights',
  'openid-connect': "the identity provider's keys, which are not read here",
};

/**
 * @param route the route that handles the request, if there is one; the result includes its disabled plugins
 * @returns plugins of global rules first, as they run
 */
export function explainPlugins(
  route: WrittenRoute | undefined,
  recording: Recording,
  loaded: OriginTable,
): ExplainedPlugin[] {
  const written = route ? pluginsOf(route) : {};
  const ran = recording.steps.map((step) => {
    const { prepared, got } = step;
    const origin =
      findRule(loaded, prepared) ??
      findOfConsumer(loaded, got.consumer, prepared) ??
      (route && findInherited(loaded, route, prepared.name));
    return explainStep(step, origin, recording);
  });
  const off = Object.entries(written)
    .filter(([, settings]) => isOff(settings))
    .map(([name, settings]) => {
      const does = 'is switched off (_meta.disable)';
      const shown = toShownSettings(settings);
      return { name, from: undefined, priority: undefined, settings: shown, does, changes: [] };
    });
  return [...ran, ...listWaiting(route, recording, loaded), ...off];
}

/** Lists the plugins that would run if those before them passed the request on. */
function listWaiting(
  route: WrittenRoute | undefined,
  { steps }: Recording,
  loaded: OriginTable,
): ExplainedPlugin[] {
  const ran = new Set(steps.map(({ prepared }) => prepared));
  const ofRules = listRules(loaded).flatMap(({ plugins }) => plugins);
  // A consumer's plugin runs in place of the route's of the same name.
  const reached = new Set(
    steps.filter(({ prepared }) => !ofRules.includes(prepared)).map(({ plugin }) => plugin),
  );
  const waiting = [...ofRules].filter((plugin) => !ran.has(plugin)).sort(byPriority);
  const inner = route?.plugins.filter(({ name }) => !reached.has(name)) ?? [];
  return [...waiting, ...inner].map((plugin) => {
    const { name, priority } = plugin;
    const origin = findRule(loaded, plugin) ?? (route && findInherited(loaded, route, name));
    const settings = toShownSettings(origin ? origin.settings : route && pluginsOf(route)[name]);
    return { name, from: origin?.name, priority, settings, does: 'is not reached', changes: [] };
  });
}

function byPriority(a: { priority: number }, b: { priority: number }): number {
  return b.priority - a.priority;
}

type Settings = Readonly<Record<string, unknown>>;

function pluginsOf({ written }: WrittenRoute): Readonly<Record<string, Settings>> {
  return (written['plugins'] ?? {}) as Readonly<Record<string, Settings>>;
}

function isOff({ _meta }: Settings): boolean {
  return (_meta as { readonly disable?: unknown } | undefined)?.disable === true;
}

function explainStep(
  step: Step,
  origin: Origin | undefined,
  recording: Recording,
): ExplainedPlugin {
  const { plugin: name, priority, settings, handedOn, got, usedChance } = step;
  const dependsOn = memories[name] ?? (usedChance ? 'chance' : undefined);
  return {
    name,
    from: origin?.name,
    priority,
    settings: toShownSettings(settings),
    does: describeStep(step, recording),
    changes: handedOn ? listChanges(got, handedOn) : [],
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
}

function toShownSettings(settings: unknown): Settings {
  const { _meta, ...own } = (settings ?? {}) as Settings;
  return mapStrings(maskSecrets(own, { isConsumer: false }) as Settings, maskUrl);
}

function describeStep(step: Step, recording: Recording): string {
  switch (step.outcome) {
    case 'passed on':
      return 'passes it on';
    case 'called':
      return 'calls the upstream';
    case 'answered':
      return `answers ${recording.response?.status ?? 'by itself'}`;
    case 'refused':
      return describeRefusal(toProxyError(recording.error));
  }
}

/** For example `answers 403 UNSAFE_PATH: the path contains a dot segment`. */
export function describeRefusal(error: ProxyError): string {
  return `answers ${toProblem(error, '').status} ${error.code}: ${error.message}`;
}

function listChanges(got: Exchange, handedOn: Exchange): string[] {
  const [before, after] = [got.request, handedOn.request];
  return [
    ...(before.method === after.method ? [] : [`method ${before.method} → ${after.method}`]),
    ...(before.path === after.path ? [] : [`path ${before.path} → ${after.path}`]),
    ...(before.query === after.query
      ? []
      : [`query ${toShownQuery(before)} → ${toShownQuery(after)}`]),
    ...(got.rest === handedOn.rest ? [] : [`rest of the path ${got.rest} → ${handedOn.rest}`]),
    ...listOutbound(got, handedOn),
    ...listHeaderChanges(before.headers, after.headers),
    ...listIdentity(got, handedOn),
    ...(before.body.equals(after.body)
      ? []
      : [`body of ${before.body.length} bytes → ${after.body.length} bytes`]),
  ];
}

/** Lists what the upstream gets in place of what the client sent. */
function listOutbound(
  { outbound: before }: Exchange,
  { outbound: after = {} }: Exchange,
): string[] {
  const { path, query, host } = after;
  return [
    ...(path === undefined || path === before?.path ? [] : [`path for the upstream ${path}`]),
    ...(query === undefined || query === before?.query
      ? []
      : [`query for the upstream ${toShownQuery({ query })}`]),
    ...(host === undefined || host === before?.host ? [] : [`host for the upstream ${host}`]),
  ];
}

/** Lists the client's identity, as a plugin has established it. */
function listIdentity(got: Exchange, handedOn: Exchange): string[] {
  const { consumer } = handedOn;
  const isNew = consumer !== undefined && consumer !== got.consumer;
  return isNew ? [`consumer ${consumer.username}`] : [];
}

function toShownQuery({ query }: Pick<ProxyRequest, 'query'>): string {
  return query === '' ? 'none' : maskUrl(`?${query}`).slice(1);
}

function listHeaderChanges(
  before: ProxyRequest['headers'],
  after: ProxyRequest['headers'],
): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const value = after[name];
    if (before[name] === value) return [];
    return [value === undefined ? `drops ${name}` : `sets ${name}: ${maskHeader(name, value)}`];
  });
}
