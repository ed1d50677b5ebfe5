/** `authorization.iam` of a document: the credential scope, and the credentials to sign with. */

import * as v from 'valibot';
import {
  documentError,
  type ParseContext,
  pointerTo,
  unfulfilledError,
} from '../documents/document-error.ts';
import { headerValue, strictObject } from '../documents/schema.ts';
import { type AllowedHost, findForbiddenOrigin, isListed } from '../send/hosts.ts';
import type { CredentialsProvider } from '../sign/provider.ts';
import type { SigningScope } from '../sign/sign.ts';
import type { UpstreamServices } from './services.ts';
import type { Target } from './target.ts';
/** Schema of `authorization.iam`: how a call is signed. */
export const iamSchema = v.pipe(
  strictObject({
    aws_region: v.optional(
      v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'a region such as us-east-1')),
    ),
    service: v.optional(
      v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'a service name such as lambda')),
    ),
    accesskey: v.optional(headerValue),
    secretkey: v.optional(headerValue),
    secret_key: v.optional(headerValue),
    session_token: v.optional(headerValue),
    role_arn: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of a role'),
      ),
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

/** Settings of `authorization.iam`; an empty object signs with the execution role. */
export type IamConfig = v.InferOutput<typeof iamSchema>;

/** A call of a document that is to be signed. */
export interface SignedCall {
  readonly signing: IamConfig;
  readonly target: Target;
  readonly allowedHosts: readonly AllowedHost[];
  /** Name of the attribute that holds the address. */
  readonly name: string;
}

/**
 * Roles sign for function URLs and APIs, under the services of these hosts, and for hosts that the operator lists. With any
 * other service or host, a document's author could have the role sign calls that the operator did not intend.
 *
 * @throws DocumentError
 */
export function assertSignable(
  { signing, target, allowedHosts, name }: SignedCall,
  { pointer, written }: ParseContext,
): void {
  // Static keys belong to a principal that only the document's author knows, so their calls are not restricted.
  if (signing.accesskey || isListed(target, allowedHosts)) return;
  const at = pointerTo(pointer, name);
  const found = (written as Readonly<Record<string, unknown>>)[name];
  const forbidden = findForbiddenOrigin(target, allowedHosts);
  if (forbidden) {
    throw unfulfilledError(at, found, `an allowed host where a role signs (${forbidden})`);
  }
  const { service } = signing;
  if (service === undefined || service === target.endpointService) return;
  throw documentError(at, found, `a host of the service ${service}, which authorization.iam names`);
}

/** From the document, else from the host's name, else the function's region and `execute-api`. */
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

/** Static keys, an assumed role, or the execution role. */
export function toProvider(
  signing: IamConfig,
  { credentials }: Pick<UpstreamServices, 'credentials'>,
): CredentialsProvider {
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
