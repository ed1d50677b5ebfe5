/** Which upstreams the routes in force call, and in whose name. */

import type { AllowedHost } from '../functions/proxy/upstream/hosts.ts';
import { toScope } from '../functions/proxy/upstream/iam.ts';
import type { SigningScope } from '../functions/proxy/upstream/sign.ts';
import { parseTarget, type Target } from '../functions/proxy/upstream/target.ts';
import type { OpenTable, WrittenRoute } from './rehearsal/open-table.ts';

/** One upstream of one route. */
export interface RouteUpstream {
  readonly route: WrittenRoute;
  readonly target: Target;
  /** Undefined when requests go out unsigned. */
  readonly signing: Signing | undefined;
  /** A plugin of the route may change method and path before the upstream is called. */
  readonly isRewritten: boolean;
}

export interface Signing {
  readonly scope: SigningScope;
  /** The execution role, a role that it assumes, or keys of the document. */
  readonly signer: 'execution role' | 'assumed role' | 'static keys';
  readonly roleArn: string | undefined;
}

export interface UpstreamContext {
  readonly region: string;
  readonly allowedHosts: readonly AllowedHost[];
}

/** In the order of routes. */
export function listUpstreams(
  { routes, rehearsal }: Pick<OpenTable, 'routes' | 'rehearsal'>,
  { region, allowedHosts }: UpstreamContext,
): RouteUpstream[] {
  return routes
    .filter(({ isEnabled }) => isEnabled)
    .flatMap((route) => {
      const isRewritten = route.plugins.some(({ plugin }) => plugin.name === 'proxy-rewrite');
      return route.plugins
        .flatMap((prepared) => findSettings(rehearsal.settingsOf(prepared)))
        .map(({ function_uri, authorization }): RouteUpstream => {
          const target = parseTarget(function_uri, allowedHosts);
          const iam = authorization?.iam;
          const signing = iam && {
            scope: toScope(iam, target, region),
            signer: toSigner(iam),
            roleArn: iam.role_arn,
          };
          return { route, target, signing, isRewritten };
        });
    });
}

/** The part of an upstream's settings that says where it is and who signs; valid, since it has been compiled. */
interface UpstreamSettings {
  readonly function_uri: string;
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
  const isOne = 'function_uri' in settings && typeof settings.function_uri === 'string';
  if (isOne) return [settings as UpstreamSettings];
  return Object.values(settings).flatMap(findSettings);
}

function toSigner({
  role_arn,
  accesskey,
}: NonNullable<NonNullable<UpstreamSettings['authorization']>['iam']>): Signing['signer'] {
  if (role_arn !== undefined) return 'assumed role';
  return accesskey === undefined ? 'execution role' : 'static keys';
}
