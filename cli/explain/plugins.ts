/** What each plugin of a route does with a request, from its settings and from the rehearsal. */
import { type ProxyError, toProxyError } from '../../functions/proxy/errors.ts';
import type { PluginRegistry } from '../../functions/proxy/plugins/registry.ts';
import { toProblem } from '../../functions/proxy/problem.ts';
import type { Exchange, ProxyRequest } from '../../functions/proxy/types.ts';
import { maskHeader, maskSettings, maskUrl } from '../mask.ts';
import type { Recording, Step } from '../rehearsal/rehearsal.ts';

export interface ExplainedPlugin {
  readonly name: string;
  /** Higher runs earlier. */
  readonly priority: number;
  /** As written, secrets masked. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** For example `passes it on` or `answers 403`. */
  readonly does: string;
  /** What it changes of the request before the next one gets it. */
  readonly changes: readonly string[];
  /** Why the next request may fare otherwise. */
  readonly dependsOn?: string;
}

/** What decisions depend on beside the request and the document; the rehearsal begins with none of it. */
const memories: Readonly<Record<string, string>> = {
  'api-breaker': 'how often the upstream failed before, counted per environment',
  'forward-auth': "its authorizer's answer, taken to be an empty 200 here",
  'limit-conn': 'how many requests are under way',
  'limit-count': 'how many requests came before',
  'limit-req': 'how many requests came before',
  'openid-connect': "the identity provider's keys, which are not read here",
};

/** @param written `plugins` of the route as it stands in its document */
export async function explainPlugins(
  written: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  registry: PluginRegistry,
  recording: Recording | undefined,
): Promise<ExplainedPlugin[]> {
  const explained = Object.entries(written).map(async ([name, settings]) => {
    const { _meta, ...own } = settings;
    const isOff = (_meta as { readonly disable?: unknown } | undefined)?.disable === true;
    const step = recording?.steps.find(({ plugin }) => plugin === name);
    const dependsOn = memories[name] ?? (step?.usedChance ? 'chance' : undefined);
    return {
      name,
      priority: (await registry[name]?.())?.priority ?? 0,
      settings: maskSettings(own) as Readonly<Record<string, unknown>>,
      does: isOff ? 'is switched off (_meta.disable)' : describeStep(step, recording),
      changes: step?.handedOn ? listChanges(step.got, step.handedOn) : [],
      ...(dependsOn === undefined || isOff ? {} : { dependsOn }),
    };
  });
  return (await Promise.all(explained)).sort((a, b) => b.priority - a.priority);
}

function describeStep(step: Step | undefined, recording: Recording | undefined): string {
  switch (step?.outcome) {
    case 'passed on':
      return 'passes it on';
    case 'called':
      return 'calls the upstream';
    case 'answered':
      return `answers ${recording?.response?.status ?? 'by itself'}`;
    case 'refused':
      return describeRefusal(toProxyError(recording?.error));
    case undefined:
      return 'is not reached';
  }
}

/** For example `answers 403 UNSAFE_PATH: the path holds a dot segment`. */
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
    ...listHeaderChanges(before.headers, after.headers),
    ...(before.body.equals(after.body)
      ? []
      : [`body of ${before.body.length} bytes → ${after.body.length} bytes`]),
  ];
}

function toShownQuery({ query }: ProxyRequest): string {
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
