/** Which upstreams the routes in force call, and in whose name. */

import type { AllowedHost } from '../../functions/proxy/send/hosts.ts';
import type { SigningScope } from '../../functions/proxy/sign/sign.ts';
import { toScope } from '../../functions/proxy/upstream/iam.ts';
import { parseTarget, type Target } from '../../functions/proxy/upstream/target.ts';
import type { RehearsedTable, WrittenRoute } from './load-table.ts';

/** One upstream of one route. */
export interface RouteUpstream {
  readonly route: WrittenRoute;
  readonly target: Target;
  /** Undefined when requests go out unsigned. */
  readonly signing: Signing | undefined;
  /** Methods that it is called with; `*` for any. */
  readonly methods: readonly string[];
  /** What may follow its path: nothing, or anything. */
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

/** In the order of routes: what serves them, and services that decide who is let in. */
export function listUpstreams(
  { routes, rehearsal }: Pick<RehearsedTable, 'routes' | 'rehearsal'>,
  context: UpstreamContext,
): RouteUpstream[] {
  return routes
    .filter(({ isEnabled }) => isEnabled)
    .flatMap((route) =>
      route.plugins
        .flatMap((prepared) => findSettings(rehearsal.settingsOf(prepared)))
        .map((settings) => toUpstream(route, settings, context)),
    );
}

function toUpstream(
  route: WrittenRoute,
  settings: UpstreamSettings,
  { region, allowedHosts }: UpstreamContext,
): RouteUpstream {
  const { function_uri, uri = '', request_method = 'GET', authorization } = settings;
  // Both rules have been applied when the document was compiled.
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

/** The calls that a route passes on to its upstream. */
export function toCalls({ methods, uris }: WrittenRoute): Pick<RouteUpstream, 'methods' | 'ends'> {
  return {
    methods: methods ? [...methods] : ['*'],
    ends: [...new Set(uris.map(({ isPrefix }) => (isPrefix ? '*' : '')))],
  };
}

/** The part of an upstream's settings that says where it is and who signs; valid, since it has been compiled. */
interface UpstreamSettings {
  readonly function_uri?: string;
  /** Of a service that is asked, such as `forward-auth`'s. */
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

/** Wherever a plugin keeps them: one, or several to choose from. */
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
