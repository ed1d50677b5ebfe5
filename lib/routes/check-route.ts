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

/** The settings that the checks depend on. */
export interface RouteCheck {
  readonly parameterPath: string;
  /** Rules for references in documents. */
  readonly rules: ReferenceRules;
  readonly allowedHosts: readonly AllowedHost[];
  /** Whether open routes are refused. */
  readonly requireAccessPlugin: boolean;
  /** Whether all environments can share the counts of limits. */
  readonly hasLimitTable: boolean;
  /** Whether the function URL sets CORS headers itself, on every route. */
  readonly hasUrlCors: boolean;
}

/** Throws on a host, a path of secrets or a prefix that the function would refuse. */
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
 * Compiles a route document as the function will, including the settings of its plugins. Placeholders replace tokens
 * and references, whose values are known only after deployment. Warnings of the function become warnings at synth.
 * Throws an error that contains the route's id and the place in the document.
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
      `Route ${id}: the prop cors sets CORS headers on all routes; use either the prop or the plugin cors.`,
    );
  }
  for (const [index, warning] of warnings.entries()) {
    const text = `${parameter}: ${warning}`;
    Annotations.of(scope).addWarningV2(`countersign:${id}:${index}`, text);
  }
}

const unknownText = 'known-at-deployment';

/** Replaces each token in a document by a plausible value. */
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

/** A placeholder for a string. A token at the beginning of a plugin's setting is most likely a URL. */
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

/** Whether a value is a token, or a reference that the proxy may follow. */
function isLateValue(value: unknown, rules: ReferenceRules): boolean {
  if (Token.isUnresolved(value)) return true;
  const ruling = typeof value === 'string' ? findRuling(value, rules) : undefined;
  return ruling !== undefined && 'name' in ruling;
}
