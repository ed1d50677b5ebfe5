/** The local key service over its wire protocol. */
import {
  type KeyService,
  type KeyServiceOptions,
  startKeyService,
} from '../../local/key-service/key-service.ts';
import { createLocalVerifier } from '../../local/stack/credentials.ts';
import { type SignedCall, sendSigned } from '../support/signed-call.ts';

const services: KeyService[] = [];

async function start(options: Partial<KeyServiceOptions> = {}): Promise<KeyService> {
  const verifier = createLocalVerifier('kms');
  const service = await startKeyService({ keys: ['one', 'two'], verifier, ...options });
  services.push(service);
  return service;
}

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.close()));
});

interface Answer {
  readonly status: number;
  readonly CiphertextBlob: string;
  readonly Plaintext: string;
  readonly KeyId: string;
}

function toCall(operation: string, input: object, more: Partial<SignedCall> = {}): SignedCall {
  return {
    service: 'kms',
    method: 'POST',
    path: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `TrentService.${operation}`,
    },
    body: JSON.stringify(input),
    ...more,
  };
}

async function call(service: KeyService, operation: string, input: object): Promise<Answer> {
  const response = await sendSigned(service.url, toCall(operation, input));
  const answer = response.json() as unknown as Answer & { readonly __type?: string };
  expect(response.header('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.header('x-amzn-errortype')).toBe(answer.__type);
  return { ...answer, status: response.status };
}

const EncryptionContext = { root: '/countersign/prod', sequence: '7' };
const newKey = { KeyId: 'one', KeySpec: 'AES_256', EncryptionContext };

describe('a data key', () => {
  test('is 32 bytes, and comes back from its blob with the same context in any order', async () => {
    const service = await start();
    const made = await call(service, 'GenerateDataKey', newKey);
    expect(made).toMatchObject({ status: 200, KeyId: service.arn('one') });
    expect(Buffer.from(made.Plaintext, 'base64')).toHaveLength(32);
    const { CiphertextBlob } = made;
    const turned = { sequence: '7', root: '/countersign/prod' };
    expect(await call(service, 'Decrypt', { CiphertextBlob, EncryptionContext: turned })).toEqual({
      ...{ status: 200, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
      ...{ KeyId: service.arn('one'), Plaintext: made.Plaintext },
    });
  });

  test('is another one each time, and not readable in its blob', async () => {
    const service = await start();
    const made = await call(service, 'GenerateDataKey', newKey);
    const next = await call(service, 'GenerateDataKey', newKey);
    expect(next.Plaintext).not.toBe(made.Plaintext);
    const blob = Buffer.from(made.CiphertextBlob, 'base64');
    expect(blob.includes(Buffer.from(made.Plaintext, 'base64'))).toBe(false);
  });

  const lengths: [object, number][] = [
    [{ KeySpec: 'AES_256' }, 32],
    [{ KeySpec: 'AES_128' }, 16],
    [{ NumberOfBytes: 64 }, 64],
  ];
  test.each(lengths)('made with %j has %i bytes', async (size, bytes) => {
    const service = await start();
    const made = await call(service, 'GenerateDataKey', { KeyId: 'one', ...size });
    expect(Buffer.from(made.Plaintext, 'base64')).toHaveLength(bytes);
  });

  test('is found by the key’s ARN as well', async () => {
    const service = await start();
    const KeyId = service.arn('two');
    const { CiphertextBlob } = await call(service, 'GenerateDataKey', { ...newKey, KeyId });
    const input = { CiphertextBlob, EncryptionContext, KeyId };
    expect(await call(service, 'Decrypt', input)).toMatchObject({ status: 200, KeyId });
  });
});
