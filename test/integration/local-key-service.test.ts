/** The local key service over its wire protocol. */
import {
  type KeyService,
  type KeyServiceOptions,
  startKeyService,
} from '../../local/key-service/key-service.ts';
import { createLocalVerifier, LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { send } from '../support/client.ts';
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

describe('Decrypt refuses', () => {
  const changed = (blob: string, at: number) => {
    const bytes = Buffer.from(blob, 'base64');
    const index = at < 0 ? bytes.length + at : at;
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index);
    return bytes.toString('base64');
  };
  const cases: [string, (blob: string) => object][] = [
    ['another context', (CiphertextBlob) => ({ CiphertextBlob, EncryptionContext: { root: '/' } })],
    ['no context', (CiphertextBlob) => ({ CiphertextBlob })],
    ['a changed last byte', (blob) => ({ CiphertextBlob: changed(blob, -1), EncryptionContext })],
    ['a changed format', (blob) => ({ CiphertextBlob: changed(blob, 0), EncryptionContext })],
    ['a blob cut short', (blob) => ({ CiphertextBlob: blob.slice(0, 20), EncryptionContext })],
    ['what is no blob', () => ({ CiphertextBlob: 'AAAA', EncryptionContext })],
  ];
  test.each(cases)('%s as InvalidCiphertextException', async (_name, toInput) => {
    const service = await start();
    const { CiphertextBlob } = await call(service, 'GenerateDataKey', newKey);
    expect(await call(service, 'Decrypt', toInput(CiphertextBlob))).toEqual({
      ...{ status: 400, __type: 'InvalidCiphertextException' },
    });
  });

  test('the blob of a service with other keys', async () => {
    const [service, other] = [await start(), await start()];
    const { CiphertextBlob } = await call(other, 'GenerateDataKey', newKey);
    const input = { CiphertextBlob, EncryptionContext };
    expect(await call(service, 'Decrypt', input)).toMatchObject({
      ...{ status: 400, __type: 'InvalidCiphertextException' },
    });
  });

  test('a blob of another key than the named one', async () => {
    const service = await start();
    const { CiphertextBlob } = await call(service, 'GenerateDataKey', newKey);
    const input = { CiphertextBlob, EncryptionContext, KeyId: 'two' };
    expect(await call(service, 'Decrypt', input)).toMatchObject({
      ...{ status: 400, __type: 'IncorrectKeyException' },
    });
  });
});

describe('a key', () => {
  test('that does not exist is NotFoundException', async () => {
    const service = await start();
    expect(await call(service, 'GenerateDataKey', { ...newKey, KeyId: 'none' })).toEqual({
      ...{ status: 400, __type: 'NotFoundException' },
      message: `Key '${service.arn('none')}' does not exist`,
    });
  });

  const states = [
    ['Disabled', 'DisabledException'],
    ['PendingDeletion', 'KMSInvalidStateException'],
  ] as const;
  test.each(states)('that is %s is %s until it is enabled again', async (state, __type) => {
    const service = await start();
    const { CiphertextBlob } = await call(service, 'GenerateDataKey', newKey);
    service.setState('one', state);
    const input = { CiphertextBlob, EncryptionContext };
    expect(await call(service, 'GenerateDataKey', newKey)).toMatchObject({ status: 400, __type });
    expect(await call(service, 'Decrypt', input)).toMatchObject({ status: 400, __type });
    service.setState('one', 'Enabled');
    expect(await call(service, 'Decrypt', input)).toMatchObject({ status: 200 });
  });

  test('that the caller may not use is AccessDeniedException, by operation', async () => {
    const service = await start();
    const { CiphertextBlob } = await call(service, 'GenerateDataKey', newKey);
    service.denied.add('Decrypt');
    const input = { CiphertextBlob, EncryptionContext };
    expect(await call(service, 'Decrypt', input)).toMatchObject({
      ...{ status: 400, __type: 'AccessDeniedException' },
      message: expect.stringContaining('not authorized to perform: kms:Decrypt'),
    });
    expect(await call(service, 'GenerateDataKey', newKey)).toMatchObject({ status: 200 });
    service.denied.clear();
    expect(await call(service, 'Decrypt', input)).toMatchObject({ status: 200 });
  });
});

describe('a call', () => {
  const scopes: [string, NonNullable<SignedCall['scope']>, string][] = [
    ['for another service', { service: 's3' }, 'InvalidSignatureException'],
    [
      'by an unknown key',
      { keys: { accessKeyId: 'AKIA', secretAccessKey: 'x' } },
      'UnrecognizedClientException',
    ],
    [
      'by another secret',
      { keys: { ...LOCAL_CREDENTIALS, secretAccessKey: 'x' } },
      'InvalidSignatureException',
    ],
  ];
  test.each(scopes)('signed %s is refused', async (_name, scope, __type) => {
    const service = await start();
    const response = await sendSigned(service.url, toCall('GenerateDataKey', newKey, { scope }));
    expect([response.status, response.json()]).toMatchObject([400, { __type }]);
  });

  test('without a signature is refused', async () => {
    const service = await start();
    const response = await send(service.url, { method: 'POST', target: '/', body: '{}' });
    expect(response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  const inputs: [string, string, object, string][] = [
    ['of an unknown operation', 'Encrypt', {}, 'UnknownOperationException'],
    ['without a key', 'GenerateDataKey', { KeySpec: 'AES_256' }, 'ValidationException'],
    ['without a size', 'GenerateDataKey', { KeyId: 'one' }, 'ValidationException'],
    ['with a wrong size', 'GenerateDataKey', { ...newKey, KeySpec: 'x' }, 'ValidationException'],
    ['without a blob', 'Decrypt', {}, 'ValidationException'],
    ['with a list as input', 'Decrypt', [], 'SerializationException'],
    [
      'with a context that is no map of strings',
      'GenerateDataKey',
      { ...newKey, EncryptionContext: { sequence: 7 } },
      'SerializationException',
    ],
  ];
  test.each(inputs)('%s is refused', async (_name, operation, input, __type) => {
    const service = await start();
    expect(await call(service, operation, input)).toMatchObject({ status: 400, __type });
  });

  test('is in the log with its operation, key, context and answer', async () => {
    const service = await start();
    await call(service, 'GenerateDataKey', newKey);
    await call(service, 'GenerateDataKey', { ...newKey, KeyId: 'none' });
    const common = { operation: 'GenerateDataKey', encryptionContext: EncryptionContext };
    expect(service.calls).toEqual([
      { ...common, keyId: 'one', status: 200 },
      { ...common, keyId: 'none', status: 400, code: 'NotFoundException' },
    ]);
  });
});
