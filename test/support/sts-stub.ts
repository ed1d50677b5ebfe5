/** AWS's two other sources of credentials, on loopback: STS's AssumeRole, and a container credentials endpoint. */

import { createServer, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type Listening, listen } from '../../local/http-server.ts';

export interface IssuedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface StsCall {
  readonly parameters: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly string[];
  readonly target: string;
  readonly body: Buffer;
}

export interface StsStub extends Listening {
  readonly calls: StsCall[];
}

export interface StsOptions {
  readonly keys: IssuedKeys;
  /** `hang` never answers; an error is answered with its status. @default the keys */
  readonly answer?: (
    call: StsCall,
  ) => 'keys' | 'hang' | { readonly code: string; readonly message: string };
  /** @default 1 hour */
  readonly lifetimeMs?: number;
}

/** Speaks AssumeRole of STS's query protocol. */
export async function startSts(options: StsOptions): Promise<StsStub> {
  const calls: StsCall[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const parameters = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
      const call = { parameters, rawHeaders: request.rawHeaders, target: request.url ?? '/', body };
      calls.push(call);
      answerCall(call, options, response);
    });
  });
  return { ...(await listen(server)), calls };
}

export interface ContainerEndpoint extends Listening {
  /** `authorization` of each call. */
  readonly tokens: (string | undefined)[];
  /** Value of AWS_CONTAINER_CREDENTIALS_FULL_URI. */
  readonly uri: string;
}

/** Hands out keys to every caller that brings the token. */
export async function startContainerEndpoint(
  keys: IssuedKeys,
  token: string,
): Promise<ContainerEndpoint> {
  const tokens: (string | undefined)[] = [];
  const server = createServer(({ headers: { authorization } }, response) => {
    tokens.push(authorization);
    const issued = {
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      Token: keys.sessionToken,
      Expiration: inMs(3_600_000),
    };
    const isKnown = authorization === token;
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? issued : { code: 'Unauthorized', message: 'no' }));
  });
  const listening = await listen(server);
  return { ...listening, tokens, uri: `${listening.url}/credentials` };
}

function answerCall(
  call: StsCall,
  { keys, answer, lifetimeMs = 3_600_000 }: StsOptions,
  response: ServerResponse,
): void {
  const verdict = answer?.(call) ?? 'keys';
  if (verdict === 'hang') return;
  response.setHeader('content-type', 'text/xml');
  if (verdict !== 'keys') {
    response
      .writeHead(403)
      .end(`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
      <Type>Sender</Type><Code>${verdict.code}</Code><Message>${verdict.message}</Message>
      </Error><RequestId>r</RequestId></ErrorResponse>`);
    return;
  }
  response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
    <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/x/x</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey>
    <SessionToken>${keys.sessionToken}</SessionToken><Expiration>${inMs(lifetimeMs)}</Expiration></Credentials>
    </AssumeRoleResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>`);
}

function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}
