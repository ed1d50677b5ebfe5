/** Lambda's control plane on loopback with the calls of the CLI: functions and their URLs, signed requests. */
import { createServer } from 'node:http';
import { type Listening, listen } from '../../local/http-server.ts';
import { createSigV4Verifier } from '../../local/sigv4/verifier.ts';
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';

export interface FakeFunction {
  /** Hosts of its URL and of its aliases' URLs, with the ARN that each is authorised on. */
  readonly urls?: Readonly<Record<string, string>>;
}

type Functions = Readonly<Record<string, FakeFunction>>;

/** Starts the API. A page contains one function or one URL. */
export function startFakeLambdaApi(functions: Functions, region: string): Promise<Listening> {
  const { accessKeyId, ...known } = LOCAL_CREDENTIALS;
  const credentials = (id: string) => (id === accessKeyId ? known : undefined);
  const verify = createSigV4Verifier({ service: 'lambda', region, credentials });
  const server = createServer((request, response) => {
    const { method = '', url: target = '/', rawHeaders } = request;
    const verdict = verify({ method, target, rawHeaders, body: Buffer.alloc(0) });
    const body = verdict.ok ? findAnswer(new URL(target, 'http://lambda'), functions) : undefined;
    response.writeHead(verdict.ok ? (body ? 200 : 404) : verdict.status);
    response.end(JSON.stringify(body ?? {}));
  });
  return listen(server);
}

function findAnswer({ pathname, searchParams }: URL, functions: Functions): object | undefined {
  const name = /^\/2021-10-31\/functions\/([^/]+)\/urls$/.exec(pathname)?.[1];
  if (name !== undefined) {
    const urls = Object.entries(functions[name]?.urls ?? {});
    const configs = urls.map(([host, FunctionArn]) => ({
      ...{ FunctionUrl: `https://${host}/`, FunctionArn, AuthType: 'AWS_IAM' },
    }));
    return toPage('FunctionUrlConfigs', configs, searchParams);
  }
  if (pathname !== '/2015-03-31/functions') return undefined;
  const listed = Object.keys(functions).map((FunctionName) => ({ FunctionName }));
  return toPage('Functions', listed, searchParams);
}

function toPage(field: string, items: readonly object[], search: URLSearchParams): object {
  const index = Number(search.get('Marker') ?? 0);
  const next = index + 1 < items.length ? String(index + 1) : null;
  return { [field]: items.slice(index, index + 1), NextMarker: next };
}
