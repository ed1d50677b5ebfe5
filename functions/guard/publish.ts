/** Publishes to SNS through the proxy's own sign and send: one signed POST of the query protocol. */
import type { Config } from '../proxy/config.ts';
import type { Clock, UpstreamRequest } from '../proxy/types.ts';
import { createEndpointPool } from '../proxy/upstream/connections.ts';
import type { CredentialsProvider } from '../proxy/upstream/credentials.ts';
import { toDnsSuffix } from '../proxy/upstream/partitions.ts';
import { retryOnFreshConnection, sendRequest } from '../proxy/upstream/send.ts';
import { createSigner } from '../proxy/upstream/sign.ts';
import type { Message } from './to-message.ts';

export interface PublisherOptions extends Pick<Config, 'readVariable'> {
  readonly credentials: CredentialsProvider;
  readonly now: Clock;
}

/** @throws when SNS does not take the message */
export type Publish = (message: Message) => Promise<void>;

const timeoutMs = 5000;

/** @returns undefined where no topic is named (`COUNTERSIGN_TOPIC_ARN`) */
export function createPublisher(options: PublisherOptions): Publish | undefined {
  const { readVariable, credentials, now } = options;
  const topicArn = readVariable('COUNTERSIGN_TOPIC_ARN');
  if (!topicArn) return undefined;
  const region = topicArn.split(':')[3] ?? '';
  const endpoint = toEndpoint(readVariable, region);
  const isPlain = endpoint.protocol === 'http:';
  const origin = {
    protocol: isPlain ? ('http:' as const) : ('https:' as const),
    hostname: endpoint.hostname,
    port: Number(endpoint.port || (isPlain ? 80 : 443)),
  };
  const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 20_000, verifyTls: true };
  const pool = createEndpointPool(origin, settings, now);
  const sign = createSigner({ region, service: 'sns' });
  return async ({ subject, text }) => {
    const request = toRequest(endpoint.host, {
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Subject: subject,
      Message: text,
    });
    const attempt = async () => {
      const signed = sign(request, await credentials(), now());
      const deadlineMs = now() + timeoutMs;
      const times = { headersDeadlineMs: deadlineMs, silenceMs: timeoutMs, deadlineMs, now };
      return sendRequest(signed, { origin, pool, ...times });
    };
    // A message that is told twice is better than one that is not.
    const { status, body } = await retryOnFreshConnection(attempt, pool, true);
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk as Buffer);
    if (status === 200) return;
    const answer = Buffer.concat(chunks).toString('utf8');
    const code = /<Code>(\w+)<\/Code>/.exec(answer)?.[1] ?? 'no code';
    throw new Error(`SNS answered ${status} (${code}) to Publish on ${topicArn}`);
  };
}

function toEndpoint(readVariable: Config['readVariable'], region: string): URL {
  const given = readVariable('AWS_ENDPOINT_URL_SNS') || readVariable('AWS_ENDPOINT_URL');
  return new URL(given || `https://sns.${region}.${toDnsSuffix(region)}/`);
}

function toRequest(host: string, fields: Readonly<Record<string, string>>): UpstreamRequest {
  const body = Buffer.from(new URLSearchParams(fields).toString());
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: [
      ['host', host],
      ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
      ['content-length', String(body.length)],
    ],
    body,
  };
}
