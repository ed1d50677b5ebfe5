/** Calls to a stand-in of an AWS service, signed by the AWS SDK's own signer, and sent as they were signed. */
import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256 } from '../../cli/invoke/sign.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../local/stack/credentials.ts';
import { type ClientRequest, type ClientResponse, send } from './client.ts';

export interface SignedCall {
  readonly service: 's3' | 'kms';
  readonly method: string;
  /** As on the request line, without a query. */
  readonly path: string;
  /** Decoded. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** What the signature names, where a test wants it wrong. */
  readonly scope?: {
    readonly region?: string;
    readonly service?: string;
    readonly date?: Date;
    readonly keys?: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };
  };
}

/** The call as it goes over the wire. */
export async function signCall(url: string, call: SignedCall): Promise<ClientRequest> {
  const { service, method, path, query = {}, headers = {}, body = '', scope = {} } = call;
  const { host, hostname } = new URL(url);
  const signer = new SignatureV4({
    region: scope.region ?? LOCAL_REGION,
    service: scope.service ?? service,
    credentials: scope.keys ?? LOCAL_CREDENTIALS,
    sha256: NodeSha256,
    uriEscapePath: service !== 's3',
  });
  const hash = createHash('sha256').update(body).digest('hex');
  const signed = await signer.sign(
    {
      method,
      protocol: 'http:',
      hostname,
      path,
      query: { ...query },
      headers: { host, 'x-amz-content-sha256': hash, ...headers },
      body,
    },
    { signingDate: scope.date ?? new Date() },
  );
  const search = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    method,
    target: search === '' ? path : `${path}?${search}`,
    headers: Object.entries(signed.headers),
    ...(call.body === undefined ? {} : { body: call.body }),
  };
}

/** Signs and sends. */
export async function sendSigned(url: string, call: SignedCall): Promise<ClientResponse> {
  return await send(url, await signCall(url, call));
}
