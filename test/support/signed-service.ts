/** An AWS service on loopback that plays answers, and the options of a client that calls it. */
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../local/stack/credentials.ts';
import { createVerifier, startUpstream, type Upstream } from './upstream.ts';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Sends head and body, and never ends. */
  readonly isOpen?: boolean;
}

/** Answers in turn; every call must be signed for the service. */
export async function startService(service: string, ...answers: readonly Answer[]) {
  const left = [...answers];
  const upstream: Upstream = await startUpstream({
    verifier: createVerifier(service),
    answer: (_, response) => {
      const { status = 200, headers = {}, body = '', isOpen = false } = left.shift() ?? {};
      response.writeHead(status, { ...headers });
      if (isOpen) response.write(body);
      else response.end(body);
    },
  });
  const credentials = async () => LOCAL_CREDENTIALS;
  const common = { region: LOCAL_REGION, credentials, now: Date.now };
  const endpoint = new URL(`${upstream.url}/base/`);
  return { upstream, options: { ...common, endpoint, service, poolSize: 1 } };
}

export const toJson = (value: unknown, more: Answer = {}): Answer => ({
  ...more,
  body: JSON.stringify(value),
});
