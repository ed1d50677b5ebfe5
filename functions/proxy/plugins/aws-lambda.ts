/** Apache APISIX's `aws-lambda`: calls a Lambda function URL or an API Gateway API, signed or with an API key. */
import * as v from 'valibot';
import { ProxyError } from '../errors.ts';
import {
  documentError,
  type ParseContext,
  pointerTo,
  strictObject,
} from '../routes/document-error.ts';
import type { UpstreamRequest } from '../types.ts';
import { createUpstream, type UpstreamOptions, type Verdict } from '../upstream/call.ts';
import type { CredentialsProvider } from '../upstream/credentials.ts';
import { type Denial, findDenial } from '../upstream/denial.ts';
import { isForwardableAs } from '../upstream/rewrite.ts';
import { type SigningScope, signRequest } from '../upstream/sign.ts';
import { createSigningClock, type SigningClock } from '../upstream/signing-clock.ts';
import type { Target } from '../upstream/target.ts';
import { genericUpstreamEntries, parseFunctionUri } from '../upstream/upstream-schema.ts';
import { definePlugin, type PluginServices } from './plugin.ts';

const headerValue = v.pipe(
  v.string(),
  v.minLength(1, 'a string that is not empty'),
  v.regex(/^\P{Cc}*$/u, 'a string without control characters'),
);
const keyPart = headerValue;

const iam = v.pipe(
  strictObject({
    aws_region: v.optional(
      v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'a region such as us-east-1')),
    ),
    service: v.optional(
      v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'a service name such as lambda')),
    ),
    accesskey: v.optional(keyPart),
    secretkey: v.optional(keyPart),
    secret_key: v.optional(keyPart),
    session_token: v.optional(keyPart),
    role_arn: v.optional(
      v.pipe(v.string(), v.regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, 'the ARN of a role')),
    ),
    external_id: v.optional(v.pipe(v.string(), v.minLength(2, 'at least 2 characters'))),
    session_name: v.optional(
      v.pipe(v.string(), v.regex(/^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits or +=,.@-_')),
    ),
  }),
  v.check((keys) => !(keys.secretkey && keys.secret_key), 'secretkey or secret_key, not both'),
  v.check(
    (keys) => Boolean(keys.accesskey) === Boolean(keys.secretkey ?? keys.secret_key),
    'accesskey and secretkey together, or neither (the execution role signs then)',
  ),
  v.check(
    (keys) => !(keys.session_token && !keys.accesskey),
    'accesskey and secretkey beside session_token',
  ),
  v.check((keys) => !(keys.role_arn && keys.accesskey), 'role_arn or static keys, not both'),
  v.check(
    (keys) => Boolean(keys.role_arn) || !(keys.external_id || keys.session_name),
    'role_arn beside external_id and session_name',
  ),
);

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
      iam: v.optional(iam),
      forward_as: v.optional(
        v.pipe(
          v.string(),
          v.toLowerCase(),
          v.regex(/^[!#$%&'*+.^_`|~0-9a-z-]*$/, 'a header name, or ""'),
        ),
        'x-original-authorization',
      ),
    }),
    {},
  ),
});

type IamConfig = v.InferOutput<typeof iam>;

export const awsLambda = definePlugin({
  name: 'aws-lambda',
  priority: -1899,
  isUpstream: true,
  schema,
  create(config, services, context) {
    const target = parseFunctionUri(config.function_uri, services.allowedHosts, context);
    const { iam: signing, apikey, forward_as: forwardAs } = config.authorization;
    assertForwardAs(forwardAs, { isSigned: signing !== undefined, apikey }, context);
    const call = { config, target, forwardAs, apiKey: apikey, retryOn: config.retry_on };
    if (!signing) return createUpstream(call, services);

    const scope = toScope(signing, target, services.region);
    const credentials = toProvider(signing, services);
    // One a route: an upstream must not date the signatures for another.
    const clock = createSigningClock(services.now);
    return createUpstream(
      {
        ...call,
        authorize: async (request, rejected) => {
          const rejectedKeyId = rejected && readKeyId(rejected);
          const keys = await credentials(rejectedKeyId);
          if (keys.accessKeyId === rejectedKeyId) {
            throw new ProxyError(
              'UPSTREAM_TOKEN_EXPIRED',
              'the credentials have expired, and there are no newer ones',
            );
          }
          const nowMs = clock.now();
          return signRequest(request, {
            ...scope,
            credentials: keys,
            nowMs,
            carriedHeader: forwardAs,
          });
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
  // Whatever was wrong, it was not our clock.
  clock.reset();
  return undefined;
}

/** The access key that a request was signed with (`Credential=<key>/…`). */
function readKeyId({ headers }: UpstreamRequest): string | undefined {
  const authorization = headers.find(([name]) => name === 'authorization')?.[1] ?? '';
  return /Credential=([^/]*)\//.exec(authorization)?.[1];
}

/** What is asked for comes first, then what the host's name says. */
export function toScope(
  signing: Pick<IamConfig, 'aws_region' | 'service'>,
  target: Target,
  ownRegion: string,
): SigningScope {
  return {
    region: signing.aws_region ?? target.endpointRegion ?? ownRegion,
    service: signing.service ?? target.endpointService ?? 'execute-api',
  };
}

function toProvider(signing: IamConfig, { credentials }: PluginServices): CredentialsProvider {
  const secretAccessKey = signing.secretkey ?? signing.secret_key;
  if (signing.accesskey && secretAccessKey) {
    const keys = {
      accessKeyId: signing.accesskey,
      secretAccessKey,
      ...(signing.session_token ? { sessionToken: signing.session_token } : {}),
    };
    return async () => keys;
  }
  if (!signing.role_arn) return credentials.execution;
  return credentials.assume({
    roleArn: signing.role_arn,
    externalId: signing.external_id,
    sessionName: signing.session_name ?? 'countersign',
  });
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
  if (name === '' || (isForwardableAs(name) && !isTaken)) return;
  if (name === 'authorization' && !isSigned) return;
  throw documentError(
    pointerTo(pointerTo(pointer, 'authorization'), 'forward_as'),
    name,
    'a header name of its own: not hop-by-hop, x-amz-*, x-amzn-*, host, authorization (on signed routes), nor one that the proxy, the API key or the request itself uses',
  );
}
