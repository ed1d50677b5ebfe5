/** The hosts that pages of docs/plugins name, on loopback. */
import {
  createKey,
  createToken,
  type IdentityProvider,
  type SigningKey,
  startIdentityProvider,
} from './identity-provider.ts';
import { startUpstream, type Upstream } from './upstream.ts';

export interface PageHosts {
  /** @returns the text of a parameter with loopback addresses in place of the page's hosts */
  toLocal(text: string): string;
  /** @returns a command's header with a fresh value in place of `<TOKEN>` */
  toSent(value: string): string;
  close(): Promise<unknown>;
}

export async function startPageHosts(): Promise<PageHosts> {
  const key = createKey('page', 'ES256');
  const [upstream, canary, authorizer, provider] = await Promise.all([
    startEcho('upstream'),
    startEcho('canary'),
    startAuthorizer(),
    startIdentityProvider([key]),
  ]);
  return {
    toLocal: (text) =>
      text
        .replace(/"canary\w+\.lambda-url\.[\w.-]+"/g, `"127.0.0.1:${canary.port}"`)
        .replace(/"scheme": "https"/g, '"scheme": "http"')
        .replace(/https:\/\/authorizer\.lambda-url\.[\w.-]+/g, authorizer.url)
        .replace(/https:\/\/\w+\.lambda-url\.[\w.-]+/g, upstream.url)
        .replace(/https:\/\/[\w-]+\.azurewebsites\.net/g, upstream.url)
        .replace(/https:\/\/issuer\.example\.com/g, provider.issuer),
    toSent: (value) => value.replace('<TOKEN>', toToken(key, provider)),
    close: () =>
      Promise.all([upstream, canary, authorizer, provider].map((server) => server.close())),
  };
}

/**
 * Starts an upstream that answers with the request that it received, beginning with the request line. `/status/500`
 * makes it answer with that status.
 */
function startEcho(name: string): Promise<Upstream> {
  return startUpstream({
    answer: ({ method, target, rawHeaders }, response) => {
      const lines = rawHeaders.map(([name, value]) => `${name.toLowerCase()}: ${value}`);
      response.statusCode = Number(/^\/status\/(\d+)/.exec(target)?.[1] ?? 200);
      response.setHeader('x-served-by', name);
      response.end(`${[`${method} ${target}`, ...lines].join('\n')}\n`);
    },
  });
}

/** Starts an authorizer that knows one user. */
function startAuthorizer(): Promise<Upstream> {
  return startUpstream({
    answer: ({ header }, response) => {
      // With IAM the client's Authorization arrives in another header, beside the signature.
      const given = header('x-original-authorization') ?? header('authorization');
      if (given === 'Bearer ann') response.setHeader('x-user-id', 'ann').end();
      else response.writeHead(401, { 'content-type': 'text/plain' }).end('who are you?\n');
    },
  });
}

function toToken(key: SigningKey, { issuer }: IdentityProvider): string {
  const exp = Math.floor(Date.now() / 1000) + 300;
  return createToken(key, { iss: issuer, aud: 'orders', sub: 'user-7', scope: 'orders:read', exp });
}
