/** The attributes that every plugin over the generic upstream shares, with APISIX's names, minima and defaults. */
import * as v from 'valibot';
import {
  documentError,
  type ParseContext,
  pointerTo,
  unfulfilledError,
} from '../documents/document-error.ts';
import { type AllowedHost, findForbiddenService } from '../send/hosts.ts';
import { parseTarget, type Target, TargetError } from './target.ts';

/** Lambda takes no more than this in one request (6 MB). */
export const maxLambdaBodyBytes = 6_291_456;

const atLeast = (minimum: number) =>
  v.pipe(
    v.number(),
    v.integer(`a whole number of at least ${minimum}`),
    v.minValue(minimum, `a whole number of at least ${minimum}`),
  );

/** Lambda's longest timeout. More has no meaning here, and Node's timers count 31 bits. */
export const longestMs = 900_000;

const upTo = (schema: ReturnType<typeof atLeast>, maximum: number) =>
  v.pipe(
    schema,
    v.transform((value) => Math.min(value, maximum)),
  );

/** Schema entries of every plugin that calls an upstream. Times are in ms, sizes in bytes. */
export const genericUpstreamEntries = {
  function_uri: v.string(),
  timeout: v.optional(upTo(atLeast(100), longestMs), 3000),
  ssl_verify: v.optional(v.boolean(), true),
  keepalive: v.optional(v.boolean(), true),
  keepalive_pool: v.optional(atLeast(1), 5),
  keepalive_timeout: v.optional(upTo(atLeast(1000), longestMs), 60_000),
  max_req_body_size: v.optional(atLeast(1), maxLambdaBodyBytes),
};

const genericUpstreamSchema = v.object(genericUpstreamEntries);
/** Settings of every plugin that calls an upstream, with defaults filled in. */
export type GenericUpstreamConfig = v.InferOutput<typeof genericUpstreamSchema>;

/** @throws DocumentError at `function_uri` */
export function parseFunctionUri(
  functionUri: string,
  allowedHosts: readonly AllowedHost[],
  context: ParseContext,
): Target {
  return parseAt('function_uri', context, () => parseTarget(functionUri, allowedHosts));
}

/**
 * Parses the address of a service that a document relies on, such as an authorizer.
 *
 * @param name of the attribute that holds it, for the error
 * @throws DocumentError at that attribute
 */
export function parseServiceUri(
  uri: string,
  name: string,
  { allowedHosts, ...context }: ParseContext & { allowedHosts: readonly AllowedHost[] },
): Target {
  return parseAt(name, context, () => parseTarget(uri, allowedHosts, findForbiddenService));
}

function parseAt(name: string, { pointer, written }: ParseContext, parse: () => Target): Target {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const found = (written as Readonly<Record<string, unknown>>)[name];
    const toError = error.isForbidden ? unfulfilledError : documentError;
    throw toError(pointerTo(pointer, name), found, error.message);
  }
}
