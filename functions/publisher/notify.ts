/** Publishes to SNS: one signed POST of the query protocol. */
import type { Config } from '../proxy/config.ts';
import type { Clock } from '../proxy/http/time.ts';
import { createSignedPost, readText } from '../proxy/send/signed-post.ts';
import { toDnsSuffix } from '../proxy/sign/partitions.ts';
import type { CredentialsProvider } from '../proxy/sign/provider.ts';
import type { Message } from './to-message.ts';

export interface NotifierOptions extends Pick<Config, 'readVariable'> {
  readonly credentials: CredentialsProvider;
  readonly now: Clock;
}

/** @throws when SNS does not take the message */
export type Notify = (message: Message) => Promise<void>;

const timeoutMs = 5000;
const contentType = ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'] as const;

/** @returns undefined where no topic is named (`COUNTERSIGN_TOPIC_ARN`) */
export function createNotifier(options: NotifierOptions): Notify | undefined {
  const { readVariable, credentials, now } = options;
  const topicArn = readVariable('COUNTERSIGN_TOPIC_ARN');
  if (!topicArn) return undefined;
  const region = topicArn.split(':')[3] ?? '';
  const endpoint = toEndpoint(readVariable, region);
  // A message that is told twice is better than one that is not: it is posted again when a kept connection had died.
  const post = createSignedPost({
    endpoint,
    region,
    service: 'sns',
    poolSize: 1,
    credentials,
    now,
  });
  return async ({ subject, text }) => {
    const form = new URLSearchParams({
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Subject: subject,
      Message: text,
    });
    const response = await post([contentType], Buffer.from(form.toString()), timeoutMs);
    const answer = await readText(response);
    if (response.status === 200) return;
    const code = /^\w+(?=<\/Code>)/.exec(answer.split('<Code>', 2)[1] ?? '')?.[0] ?? 'no code';
    throw new Error(`SNS answered ${response.status} (${code}) to Publish on ${topicArn}`);
  };
}

function toEndpoint(readVariable: Config['readVariable'], region: string): URL {
  const given = readVariable('AWS_ENDPOINT_URL_SNS') || readVariable('AWS_ENDPOINT_URL');
  return new URL(given || `https://sns.${region}.${toDnsSuffix(region)}/`);
}
