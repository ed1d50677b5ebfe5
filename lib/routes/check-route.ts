import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ReferenceRules } from '../../functions/proxy/documents/reference-rules.ts';
import { findRuling } from '../../functions/proxy/documents/references.ts';
import { createInertServices } from '../../functions/proxy/plugins/inert-services.ts';
import { judgeDocument } from '../../functions/proxy/routes/judge.ts';
import type { AllowedHost } from '../../functions/proxy/send/hosts.ts';
import { toAllowedHosts } from '../proxy/proxy-environment.ts';
import { toReferenceRules } from '../proxy/secret-paths.ts';
import type { SigningProxyProps } from '../proxy/signing-proxy-props.ts';

/** What the checks depend on beside the document. */
export interface RouteCheck {
  readonly parameterPath: string;
  /** What documents may refer to. */
  readonly rules: ReferenceRules;
  readonly allowedHosts: readonly AllowedHost[];
  /** Refuses open routes. */
  readonly requireAccessPlugin: boolean;
  /** Whether limits can count for all environments together. */
  readonly hasLimitTable: boolean;
  /** The function URL sets CORS headers itself, on every route. */
  readonly hasUrlCors: boolean;
}

/** Throws on a host, a path of secrets or a prefix that the runtime would refuse. */
export function toRouteCheck(props: SigningProxyProps, parameterPath: string): RouteCheck {
  const { allowedHosts, requireAccessPlugin = false, rateLimitTable, cors } = props;
  return {
    parameterPath,
    rules: toReferenceRules(parameterPath, props),
    allowedHosts: toAllowedHosts(allowedHosts),
    requireAccessPlugin,
    hasLimitTable: Boolean(rateLimitTable),
    hasUrlCors: cors !== undefined,
  };
}

/**
 * Compiles a route document as the runtime will, plugins' settings included. What only a deployment or the proxy's role
 * knows, tokens and references, has stand-ins; what the runtime would warn of becomes a warning of the synthesis.
 *
 * Throws, with the route's id and the place in the document.
 */
export function checkRoute(
  scope: Construct,
  id: string,
  document: object,
  check: RouteCheck,
): void {
  const { region } = Stack.of(scope);
  const { rules, allowedHosts, requireAccessPlugin } = check;
  const parameter = `${check.parameterPath}/routes/${id}`;
  const { issues, error, compiled } = judgeDocument(toConcrete(scope, document), {
    parameter,
    kind: 'route',
    references: { rules, readSecret: () => unknownText, readVariable: () => unknownText },
    services: createInertServices({
      region: Token.isUnresolved(region) ? 'us-east-1' : region,
      allowedHosts,
      limitTable: check.hasLimitTable ? unknownText : undefined,
    }),
    requireAccessPlugin,
    isAssumed: (written) => isLateValue(written, rules),
    written: document,
  });
  if (issues.length > 0) throw new Error(`Route ${id}: ${error?.message}`, { cause: error });
  if (!compiled) return;
  const { routes, warnings } = compiled;
  const hasCors = routes.some((route) => route.plugins.some((p) => p.name === 'cors'));
  if (hasCors && check.hasUrlCors) {
    throw new Error(
      `Route ${id}: the prop cors answers for all routes; take it or the plugin cors.`,
    );
  }
  for (const [index, warning] of warnings.entries()) {
    const text = `${parameter}: ${warning}`;
    Annotations.of(scope).addWarningV2(`countersign:${id}:${index}`, text);
  }
}

const unknownText = 'known-at-deployment';

/** The document with a plausible value for each token. */
function toConcrete(scope: Construct, document: object): unknown {
  const fill = (value: unknown, pointer: string): unknown => {
    if (isIntrinsic(value)) return toStandIn(value, pointer);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item, index) => fill(item, `${pointer}/${index}`));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fill(item, `${pointer}/${key}`)]),
    );
  };
  return fill(Stack.of(scope).resolve(document), '');
}

type Intrinsic = Readonly<Record<string, unknown>>;

function isIntrinsic(value: unknown): value is Intrinsic {
  if (typeof value !== 'object' || value === null) return false;
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && key !== undefined && /^(Ref$|Fn::)/.test(key);
}

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111122223333',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Text for a text: what stands at the beginning of a plugin's setting is most likely a URL. */
function toStandIn(value: Intrinsic, pointer: string): string {
  const { Ref: ref, 'Fn::Join': join } = value;
  if (typeof ref === 'string') return pseudoParameters[ref] ?? toLateText(pointer);
  if (!Array.isArray(join)) return toLateText(pointer);
  const [separator, parts]: unknown[] = join;
  if (!Array.isArray(parts)) return toLateText(pointer);
  return parts
    .map((part, index) => {
      if (!isIntrinsic(part)) return String(part);
      return toStandIn(part, index === 0 ? pointer : '');
    })
    .join(String(separator));
}

function toLateText(pointer: string): string {
  if (/^(\/\d+)?\/uris?(\/\d+)?$/.test(pointer)) return `/${unknownText}`;
  if (!pointer.includes('/plugins/')) return unknownText;
  return `https://${unknownText}.lambda-url.us-east-1.on.aws/`;
}

/** A token, or a reference that the proxy may follow. */
function isLateValue(value: unknown, rules: ReferenceRules): boolean {
  if (Token.isUnresolved(value)) return true;
  const ruling = typeof value === 'string' ? findRuling(value, rules) : undefined;
  return ruling !== undefined && 'name' in ruling;
}
