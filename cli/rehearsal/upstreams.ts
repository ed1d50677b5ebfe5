/** Lists the upstreams that the routes in force call, and the credentials that sign. */

import type { SharedObject } from '../../functions/proxy/routes/shared/shared-object.ts';
import type { AllowedHost } from '../../functions/proxy/send/hosts.ts';
import type { SigningScope } from '../../functions/proxy/sign/sign.ts';
import { toScope } from '../../functions/proxy/upstream/iam.ts';
import { parseTarget, type Target } from '../../functions/proxy/upstream/target.ts';
import type { RehearsedTable, WrittenRoute } from './load-table.ts';
import { findOwnNodes } from './own-nodes.ts';
import { findSplitNodes } from './split-nodes.ts';

/** One upstream of one route. */
export interface RouteUpstream {
  /** The route, or the global rule: `global_rules/<id>`. */
  readonly route: Pick<WrittenRoute, 'id'>;
  readonly target: Target;
  /** Undefined if requests are not signed. */
  readonly signing: Signing | undefined;
  /** Methods of its requests; `*` for any. */
  readonly methods: readonly string[];
  /** Whether its path may continue: `''` for no, `'*'` for yes. */
  readonly ends: readonly ('' | '*')[];
}

/** How a call of a route is signed. */
export interface Signing {
  readonly scope: SigningScope;
  /** The execution role, a role that it assumes, or keys of the document. */
  readonly signer: 'execution role' | 'assumed role' | 'static keys';
  readonly roleArn: string | undefined;
}

/** Settings of the proxy that finding a route's upstreams needs. */
export interface UpstreamContext {
  readonly region: string;
  readonly allowedHosts: readonly AllowedHost[];
}

/** The parts of a loaded table that call something. */
export type CallingTable = Pick<RehearsedTable, 'routes' | 'rehearsal' | 'shared'>;

/**
 * Lists upstreams of requests, and services that access plugins call, in the order of routes. Those of global rules are
 * last.
 */
export function listUpstreams(loaded: CallingTable, context: UpstreamContext): RouteUpstream[] {
  const enabled = loaded.routes.filter(({ isEnabled }) => isEnabled);
  return [
    ...enabled.flatMap((route) => listOfRoute(route, loaded, context)),
    ...listRules(loaded).flatMap((rule) =>
      rule.plugins
        .flatMap((prepared) => findSettings(loaded.rehearsal.settingsOf(prepared)))
        .map((settings) => toUpstream({ ...anywhere, id: toRuleName(rule) }, settings, context)),
    ),
  ];
}

/** A global rule runs for requests of any place. */
const anywhere = { methods: undefined, uris: [] };

/** @returns the global rules of a table */
export function listRules({ shared }: Pick<RehearsedTable, 'shared'>): readonly SharedObject[] {
  return shared.objects.filter(({ kind }) => kind === 'global_rule');
}

/** @returns the name by which findings call a global rule */
export function toRuleName({ id }: SharedObject): string {
  return `global_rules/${id}`;
}

function listOfRoute(
  route: WrittenRoute,
  loaded: CallingTable,
  context: UpstreamContext,
): RouteUpstream[] {
  const { rehearsal } = loaded;
  const { allowedHosts } = context;
  const split = route.plugins.find(({ name }) => name === 'traffic-split');
  const nodes = split ? findSplitNodes(rehearsal.settingsOf(split), loaded, allowedHosts) : [];
  const called = route.plugins
    .filter((prepared) => prepared !== split)
    .flatMap((prepared) => findSettings(rehearsal.settingsOf(prepared)))
    .flatMap((settings) => {
      const upstream = toUpstream(route, settings, context);
      // A service that a plugin asks is asked at its own host.
      const isCalled = settings.function_uri !== undefined;
      return [upstream, ...(isCalled ? toNodes(upstream, nodes) : [])];
    });
  if (route.plugins.some(({ isUpstream }) => isUpstream)) return called;
  const own = [...findOwnNodes(route, loaded, allowedHosts), ...nodes];
  const unsigned = { route, signing: undefined, ...toCalls(route) };
  return [...called, ...own.map((target) => ({ ...unsigned, target }))];
}

/** The calls of a route's own upstream, made to the nodes. */
function toNodes(upstream: RouteUpstream, nodes: readonly Target[]): RouteUpstream[] {
  const { signing } = upstream;
  const { basePath, baseQuery } = upstream.target;
  return nodes.map((node) => {
    const target = { ...node, basePath, baseQuery };
    const scope = signing && {
      region: node.endpointRegion ?? signing.scope.region,
      service: node.endpointService ?? signing.scope.service,
    };
    return { ...upstream, target, signing: signing && scope && { ...signing, scope } };
  });
}

function toUpstream(
  route: Pick<WrittenRoute, 'id' | 'methods' | 'uris'>,
  settings: UpstreamSettings,
  { region, allowedHosts }: UpstreamContext,
): RouteUpstream {
  const { function_uri, uri = '', request_method = 'GET', authorization } = settings;
  // Both rules were applied when the document was compiled.
  const target = parseTarget(function_uri ?? uri, allowedHosts, () => undefined);
  const iam = authorization?.iam;
  const signing = iam && {
    scope: toScope(iam, target, region),
    signer: toSigner(iam),
    roleArn: iam.role_arn,
  };
  const isService = function_uri === undefined;
  const calls = isService ? { methods: [request_method], ends: ['' as const] } : toCalls(route);
  return { route, target, signing, ...calls };
}

/** Lists the calls that a route makes to its upstream. */
export function toCalls({
  methods,
  uris,
}: Pick<WrittenRoute, 'methods' | 'uris'>): Pick<RouteUpstream, 'methods' | 'ends'> {
  return {
    methods: methods ? [...methods] : ['*'],
    ends: [...new Set(uris.map(({ isPrefix }) => (isPrefix ? '*' : '')))],
  };
}

/** The settings that contain an upstream's address and signer. They are valid, because they have been compiled. */
interface UpstreamSettings {
  readonly function_uri?: string;
  /** Address of a service that a plugin calls, such as `forward-auth`'s. */
  readonly uri?: string;
  readonly request_method?: string;
  readonly authorization?: {
    readonly iam?: {
      readonly aws_region?: string;
      readonly service?: string;
      readonly accesskey?: string;
      readonly role_arn?: string;
    };
  };
}

/** Finds such settings anywhere in a plugin's settings. There may be several. */
function findSettings(settings: unknown): UpstreamSettings[] {
  if (typeof settings !== 'object' || settings === null) return [];
  const { function_uri, uri } = settings as { function_uri?: unknown; uri?: unknown };
  if (typeof (function_uri ?? uri) === 'string') return [settings as UpstreamSettings];
  return Object.values(settings).flatMap(findSettings);
}

function toSigner({
  role_arn,
  accesskey,
}: NonNullable<NonNullable<UpstreamSettings['authorization']>['iam']>): Signing['signer'] {
  if (role_arn !== undefined) return 'assumed role';
  return accesskey === undefined ? 'execution role' : 'static keys';
}
