/** Measures signing alone, by the proxy's signer and by those of npm. All sign the same request with the same keys. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import aws4 from 'aws4';
import { AwsV4Signer } from 'aws4fetch';
import { createSigner } from '../../functions/proxy/sign/sign.ts';
import { toBody } from './event.ts';

export interface SignInput {
  readonly bodyBytes: number;
  readonly rounds: number;
  readonly signaturesPerRound: number;
}

/** Microseconds of CPU for each signature, one value for each round, by the signer's name. */
export type SignMeasurement = Readonly<Record<string, readonly number[]>>;

const { bodyBytes, rounds, signaturesPerRound } = JSON.parse(process.argv[2] ?? '') as SignInput;
const region = 'us-east-1';
const service = 'lambda';
const host = 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws';
const keys = { accessKeyId: 'AKIDBENCH', secretAccessKey: 'bench-secret' };
const credentials = { ...keys, sessionToken: 'bench-session-token'.repeat(20) };
const headers = { host, 'content-type': 'application/json' };
const body = toBody(bodyBytes);
const path = '/orders/4711';
const query = 'source=webhook&attempt=1';

/** smithy's hash interface with node:crypto, the fastest hash for it. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret as string | NodeJS.ArrayBufferView | undefined;
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

const ownSigner = createSigner({ region, service });
const smithySigner = new SignatureV4({ credentials, region, service, sha256: NodeSha256 });
const aws4fetchKeys = new Map<string, ArrayBuffer>();

const signers: Readonly<Record<string, () => unknown>> = {
  proxy: () =>
    ownSigner(
      { method: 'POST', path, query, headers: Object.entries(headers), body },
      credentials,
      Date.now(),
    ),
  '@smithy/signature-v4 on node:crypto': () =>
    smithySigner.sign({
      method: 'POST',
      protocol: 'https:',
      hostname: host,
      path,
      query: { source: 'webhook', attempt: '1' },
      headers: { ...headers },
      body,
    }),
  aws4: () =>
    aws4.sign(
      { region, service, method: 'POST', path: `${path}?${query}`, headers: { ...headers }, body },
      credentials,
    ),
  aws4fetch: () =>
    new AwsV4Signer({
      method: 'POST',
      url: `https://${host}${path}?${query}`,
      headers: { ...headers },
      body,
      ...credentials,
      region,
      service,
      cache: aws4fetchKeys,
    }).sign(),
};

const measurement: Record<string, number[]> = {};
for (let round = -2; round < rounds; round += 1) {
  for (const [name, sign] of Object.entries(signers)) {
    const cpu = process.cpuUsage();
    for (let count = 0; count < signaturesPerRound; count += 1) await sign();
    const { user, system } = process.cpuUsage(cpu);
    const values = measurement[name] ?? [];
    measurement[name] = values;
    if (round >= 0) values.push((user + system) / signaturesPerRound);
  }
}
process.send?.(measurement satisfies SignMeasurement, () => process.exit(0));
