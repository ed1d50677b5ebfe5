/** Apache APISIX's `aws-lambda`: calls a Lambda function URL or an API Gateway API, signed or with an API key. */
import * as v from 'valibot';
import { documentError, type ParseContext, pointerTo } from '../../documents/document-error.ts';
import { headerValue, strictObject } from '../../documents/schema.ts';
import { ProxyError } from '../../http/errors.ts';
import { isOpenTo, isSetByPlugins } from '../../http/header-names.ts';
import { tokenCharacters } from '../../http/token.ts';
import { createSigner, type SigningScope } from '../../sign/sign.ts';
import { createSigningClock, type SigningClock } from '../../sign/signing-clock.ts';
import { genericUpstreamEntries, parseFunctionUri } from '../../upstream/attributes.ts';
import { createUpstream, type UpstreamOptions, type Verdict } from '../../upstream/call.ts';
import { type Denial, findDenial } from '../../upstream/denial.ts';
import { assertSignable, iamSchema, toProvider, toScope } from '../../upstream/iam.ts';
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
    const call = { config, target, forwardAs, apiKey: apikey, retryOn: config.retry_on };
    if (!signing) return createUpstream(call, services);

    const { allowedHosts } = services;
    assertSignable({ signing, target, allowedHosts, name: 'function_uri' }, context);
    const scope = toScope(signing, target, services.region);
    const credentials = toProvider(signing, services);
    const sign = createSigner({ ...scope, carriedHeader: forwardAs });
    // One a route: an upstream must not date the signatures for another.
    const clock = createSigningClock(services.now);
    return createUpstream(
      {
        ...call,
        authorize: async (request, rejectedKeyId) => {
          const keys = await credentials(rejectedKeyId);
          if (keys.accessKeyId === rejectedKeyId) {
            throw new ProxyError(
              'UPSTREAM_TOKEN_EXPIRED',
              'the credentials have expired, and there are no newer ones',
            );
          }
          return { request: sign(request, keys, clock.now()), keyId: keys.accessKeyId };
        },
        inspect: createInspect(services, { target, scope, clock }),
      },
      services,
    );
  },
});

interface Signed {
  readonly target: Target;
  readonly scope: SigningScope;
  readonly clock: SigningClock;
}

/** An IAM refusal is put right once, where a wrong clock or old credentials explain it, and is our 502 otherwise. */
function createInspect(
  { log }: PluginServices,
  { target, scope, clock }: Signed,
): NonNullable<UpstreamOptions['inspect']> {
  return (response, { method, path }, isSecond) => {
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
