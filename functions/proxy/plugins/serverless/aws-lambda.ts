/** Apache APISIX's `aws-lambda`: calls a Lambda function URL or an API Gateway API, signed or with an API key. */
import * as v from 'valibot';
import { documentError, type ParseContext, pointerTo } from '../../documents/document-error.ts';
import { headerValue, strictObject } from '../../documents/schema.ts';
import { ProxyError } from '../../http/errors.ts';
import { isOpenTo, isSetByPlugins } from '../../http/header-names.ts';
import { findHeader } from '../../http/headers.ts';
import type { UpstreamRequest } from '../../http/message.ts';
import { tokenCharacters } from '../../http/token.ts';
import type { Credentials, CredentialsProvider } from '../../sign/provider.ts';
import { createSigner, type SigningScope } from '../../sign/sign.ts';
import { createSigningClock, type SigningClock } from '../../sign/signing-clock.ts';
import { genericUpstreamEntries, parseFunctionUri } from '../../upstream/attributes.ts';
import {
  type Authorization,
  type Authorize,
  createUpstream,
  type Verdict,
} from '../../upstream/call.ts';
import type { Denial } from '../../upstream/denial.ts';
import {
  assertSignable,
  type IamConfig,
  iamSchema,
  toProvider,
  toScope,
} from '../../upstream/iam.ts';
import type { Target } from '../../upstream/target.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';

const schema = strictObject({
  ...genericUpstreamEntries,
  retry_on: v.optional(
    v.array(
      v.pipe(
        v.number(),
        v.integer('a status from 400 to 599'),
        v.minValue(400, 'a status from 400 to 599'),
        v.maxValue(599, 'a status from 400 to 599'),
      ),
    ),
    [],
  ),
  authorization: v.optional(
    strictObject({
      apikey: v.optional(headerValue),
      iam: v.optional(iamSchema),
      forward_as: v.optional(
        v.pipe(
          v.string(),
          v.toLowerCase(),
          v.regex(new RegExp(`^[${tokenCharacters}]*$`), 'a header name, or ""'),
        ),
        'x-original-authorization',
      ),
    }),
    {},
  ),
});

/**
 * Calls `function_uri`, signed with SigV4 where the settings ask for it. docs/route-documents.md, "The aws-lambda
 * plugin".
 */
export const awsLambda = definePlugin({
  name: 'aws-lambda',
  priority: -1899,
  isUpstream: true,
  schema,
  carrierHeaders({ authorization: { forward_as: name } }) {
    // The default is hidden on every route; under its own name the header is the client's own.
    return name === '' || name === 'authorization' || isSetByPlugins(name) ? [] : [name];
  },
  create(config, services, context) {
    const { iam: signing, apikey, forward_as: forwardAs } = config.authorization;
    assertForwardAs(forwardAs, { isSigned: signing !== undefined, apikey }, context);
    const target = parseFunctionUri(config.function_uri, services.allowedHosts, context);
    const call = {
      ...{ config, target, forwardAs, apiKey: apikey, retryOn: config.retry_on },
      hasKeys: [apikey, signing?.accesskey, signing?.external_id].some((key) => key !== undefined),
    };
    if (!signing) return createUpstream(call, services);

    const { allowedHosts } = services;
    assertSignable({ signing, target, allowedHosts, name: 'function_uri' }, context);
    const credentials = toProvider(signing, services);
    const authorizeFor = (each: Target): Authorization => {
      // The document's region and service are those of its own host.
      const own = each === target ? signing : { ...signing, ...toEndpointScope(each) };
      const scope = toScope(own, each, services.region);
      // One for each host of a route: an upstream must not date the signatures for another.
      const clock = createSigningClock(services.now);
      const sign = createSigner({ ...scope, carriedHeader: forwardAs });
      return {
        authorize: createAuthorize(credentials, (request, keys) =>
          sign(request, keys, clock.now()),
        ),
        inspect: createInspect(services, { target: each, scope, clock }),
      };
    };
    return createUpstream({ ...call, authorizeFor }, services);
  },
});

function createAuthorize(
  credentials: CredentialsProvider,
  sign: (request: UpstreamRequest, keys: Credentials) => UpstreamRequest,
): Authorize {
  return async (request, rejectedKeyId) => {
    const keys = await credentials(rejectedKeyId);
    if (keys.accessKeyId === rejectedKeyId) {
      throw new ProxyError(
        'UPSTREAM_TOKEN_EXPIRED',
        'the credentials have expired, and there are no newer ones',
      );
    }
    return { request: sign(request, keys), keyId: keys.accessKeyId };
  };
}

/** A node that is an AWS endpoint takes signatures of its own Region and service only. */
function toEndpointScope({
  endpointRegion,
  endpointService,
}: Target): Pick<IamConfig, 'aws_region' | 'service'> {
  return {
    ...(endpointRegion === undefined ? {} : { aws_region: endpointRegion }),
    ...(endpointService === undefined ? {} : { service: endpointService }),
  };
}

interface Signed {
  readonly target: Target;
  readonly scope: SigningScope;
  readonly clock: SigningClock;
}

/** An IAM refusal is put right once, where a wrong clock or old credentials explain it, and is our 502 otherwise. */
function createInspect(
  { log }: PluginServices,
  { target, scope, clock }: Signed,
): NonNullable<Authorization['inspect']> {
  return async (response, { method, path }, isSecond) => {
    // Loaded for errors that AWS names, and for no other response.
    if (findHeader(response.headers, 'x-amzn-errortype') === undefined) return 'relay';
    const { findDenial } = await import('../../upstream/denial.ts');
    const denial = findDenial(response, { target, scope, method, path });
    if (!denial) return 'relay';
    const remedy = findRemedy(denial, clock, isSecond);
    if (!remedy) throw new ProxyError(denial.code, `${denial.errorType}: ${denial.advice}`);
    if (remedy === 'again') {
      log(
        'warn',
        `the clock differs by minutes from that of ${target.host}, which signatures follow now`,
      );
    }
    return remedy;
  };
}

function findRemedy(
  { code, upstreamMs }: Denial,
  clock: SigningClock,
  isSecond: boolean,
): Verdict | undefined {
  if (code === 'UPSTREAM_TOKEN_EXPIRED') return isSecond ? undefined : 'again-with-new-credentials';
  if (code !== 'UPSTREAM_SIGNATURE_REJECTED') return undefined;
  if (!isSecond) return clock.correct(upstreamMs) ? 'again' : undefined;
  // The clock was not the reason.
  clock.reset();
  return undefined;
}

interface ForwardAsContext {
  readonly isSigned: boolean;
  readonly apikey: string | undefined;
}

/** Where nothing is signed, the client's `Authorization` may keep its own name. */
function assertForwardAs(
  name: string,
  { isSigned, apikey }: ForwardAsContext,
  { pointer }: ParseContext,
): void {
  const isTaken = name === 'x-api-key' && apikey !== undefined;
  if (name === '' || (isOpenTo('identity', name) && !isTaken)) return;
  if (name === 'authorization' && !isSigned) return;
  throw documentError(
    pointerTo(pointerTo(pointer, 'authorization'), 'forward_as'),
    name,
    'a header name of its own: not hop-by-hop, x-amz-*, x-amzn-*, host, authorization (on signed routes), nor one that the proxy, the API key or the request itself uses',
  );
}
