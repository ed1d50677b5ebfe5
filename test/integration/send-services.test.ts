/** The clients of AWS services: what they send, and what they make of answers. */
import { createShare } from '../../functions/proxy/chain/share.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import { findTable } from '../../functions/proxy/plugins/traffic/limits/table.ts';
import { createAwsCall } from '../../functions/proxy/send/aws-json.ts';
import { createKeyService } from '../../functions/proxy/send/key-service.ts';
import { createSignedPost, readText } from '../../functions/proxy/send/signed-post.ts';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';
import { rejectionOf, toServices } from '../support/builders.ts';
import { type Answer, startService, toJson } from '../support/signed-service.ts';

describe('the JSON protocol', () => {
  const startCall = async (...answers: readonly Answer[]) => {
    const { upstream, options } = await startService('ssm', ...answers);
    const call = createAwsCall({ ...options, target: 'AmazonSSM', version: '1.1' });
    return { upstream, call: (input: object = {}) => call('GetParameter', { ...input }, 20_000) };
  };

  it('posts operation and input to the path of the endpoint, and reads the answer', async () => {
    const { upstream, call } = await startCall(toJson({ a: 1 }));

    expect(await call({ Name: 'ä' })).toEqual({ a: 1 });
    const { method, target, header, body } = upstream.only();
    expect([method, target, body.toString()]).toEqual(['POST', '/base/', '{"Name":"ä"}']);
    expect(header('x-amz-target')).toBe('AmazonSSM.GetParameter');
    expect(header('content-type')).toBe('application/x-amz-json-1.1');
    expect(header('content-length')).toBe('13');
    expect(header('host')).toBe(new URL(upstream.url).host);
  });

  it.each<[string, Answer, string, string]>([
    ['a type', toJson({ __type: 'Throttling', message: 'm' }, { status: 400 }), 'Throttling', 'm'],
    ['a whole type', toJson({ __type: 'a.b#Throttling', Message: 'm' }), 'Throttling', 'm'],
    [
      'a header',
      toJson({ __type: 'x' }, { status: 400, headers: { 'x-amzn-errortype': 'Denied:http://x/' } }),
      'Denied',
      '',
    ],
    ['no type', toJson({}, { status: 500 }), 'InvalidAnswer', ''],
    ['no JSON', { body: '<html>' }, 'InvalidAnswer', ''],
    ['JSON without an object', toJson('x'), 'InvalidAnswer', ''],
    ['null', toJson(null), 'InvalidAnswer', ''],
  ])('an error with %s is AWS’s, with its name', async (_, answer, type, message) => {
    const { call } = await startCall({ status: 400, ...answer });

    expect(await rejectionOf(call())).toMatchObject({
      name: 'AwsServiceError',
      type,
      message: expect.stringMatching(new RegExp(`^${type} \\(\\d+\\): GetParameter: ${message}$`)),
    });
  });

  it.each([
    ['<html>', 'no JSON'],
    ['null', 'no object'],
    ['7', 'no object'],
  ])('a 200 of %s is %s', async (body) => {
    const { call } = await startCall({ body });

    expect(await rejectionOf(call())).toMatchObject({ type: 'InvalidAnswer', status: 200 });
  });
});

describe('a signed post', () => {
  it('that cannot be sent names the service, and has not been sent', async () => {
    const { upstream, options } = await startService('ssm');
    const post = createSignedPost(options);
    await upstream.close();

    expect(await rejectionOf(post([], Buffer.alloc(0), 20_000))).toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
      isUnsent: true,
      message: `${options.endpoint.host} gave no answer`,
      cause: { code: 'UPSTREAM_UNREACHABLE' },
    });
  });

  it('whose answer does not end in time names the service and the time', async () => {
    const { upstream, options } = await startService('ssm', { body: 'x', isOpen: true });
    // The time is over when the answer begins.
    const now = () => Date.now() + 20_000 * upstream.received.length;
    const call = createAwsCall({ ...options, now, target: 'AmazonSSM', version: '1.1' });

    expect(await rejectionOf(call('GetParameter', {}, 20_000))).toMatchObject({
      code: 'UPSTREAM_TIMEOUT',
      message: `${options.endpoint.host} gave no whole answer within 20000 ms`,
    });
  });

  it('follows another over its connection', async () => {
    const { upstream, options } = await startService('ssm');
    const post = createSignedPost(options);
    for (let index = 0; index < 2; index += 1) {
      await readText(await post([], Buffer.alloc(0), 20_000));
    }

    expect([upstream.received.length, upstream.connections()]).toEqual([2, 1]);
  });

  it('takes an address of IPv6 for no name', async () => {
    const { options } = await startService('ssm');
    const post = createSignedPost({ ...options, endpoint: new URL('http://[::1]:1/') });

    const error = (await rejectionOf(post([], Buffer.alloc(0), 20_000))) as ProxyError;
    expect(error).toMatchObject({ message: '[::1]:1 gave no answer' });
    expect((error.cause as Error).cause).not.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('whose answer is cut names the service', async () => {
    const cut = { headers: { 'content-length': '9' }, body: 'x', isOpen: true };
    const { upstream, options } = await startService('ssm', cut);
    const post = createSignedPost(options);
    const { body } = await post([], Buffer.alloc(0), 20_000);
    const reading = (async () => {
      for await (const _ of body as AsyncIterable<Buffer>) await upstream.close();
    })();

    expect(await rejectionOf(reading)).toMatchObject({
      code: 'UPSTREAM_CUT',
      message: `${options.endpoint.host} gave no answer`,
    });
  });

  it.each([new Error('no keys'), new ProxyError('CREDENTIALS_UNAVAILABLE', 'no keys')])(
    'that gets no credentials is their error: %s',
    async (failure) => {
      const { upstream, options } = await startService('ssm');
      const post = createSignedPost({ ...options, credentials: () => Promise.reject(failure) });

      expect(await rejectionOf(post([], Buffer.alloc(0), 20_000))).toBe(failure);
      expect(upstream.received).toEqual([]);
    },
  );
});

describe('data keys', () => {
  const key = Buffer.alloc(32, 'k');
  const context = { table: 't' };

  it('are generated and decrypted under the context that they are bound to', async () => {
    const plain = key.toString('base64');
    const { upstream, options } = await startService(
      'kms',
      toJson({ Plaintext: plain, CiphertextBlob: 'sealed' }),
      toJson({ Plaintext: plain }),
    );
    const keys = createKeyService(options);

    expect(await keys.generateDataKey('id', context)).toEqual({
      plaintext: key,
      encrypted: 'sealed',
    });
    expect(await keys.decrypt('sealed', 'id', context)).toEqual(key);
    const asked = upstream.received.map(({ header, body }) => [
      header('x-amz-target'),
      header('content-type'),
      JSON.parse(body.toString()),
    ]);
    const type = 'application/x-amz-json-1.1';
    expect(asked).toEqual([
      [
        'TrentService.GenerateDataKey',
        type,
        { KeyId: 'id', KeySpec: 'AES_256', EncryptionContext: context },
      ],
      [
        'TrentService.Decrypt',
        type,
        { CiphertextBlob: 'sealed', KeyId: 'id', EncryptionContext: context },
      ],
    ]);
  });

  it.each([[{}], [{ Plaintext: Buffer.alloc(31).toString('base64') }]])(
    'an answer of %j has none',
    async (answer) => {
      const { options } = await startService('kms', toJson(answer));

      expect(await rejectionOf(createKeyService(options).decrypt('x', 'id', {}))).toMatchObject({
        code: 'ROUTES_UNAVAILABLE',
      });
    },
  );
});

describe('the table of limits', () => {
  const startTable = async (...answers: readonly Answer[]) => {
    const { upstream, options } = await startService('dynamodb', ...answers);
    const own = toServices({ region: LOCAL_REGION });
    const services = {
      ...own,
      now: Date.now,
      credentials: { ...own.credentials, execution: options.credentials },
      limits: { endpoint: options.endpoint, table: 'limits' },
    };
    return { upstream, services, table: findTable(services) };
  };
  const update = { update: 'ADD hits :one', values: { ':one': { N: '1' } } };

  it('updates one item, and answers with what it is now', async () => {
    const { upstream, table } = await startTable(
      toJson({ Attributes: { hits: { N: '2' } } }),
      toJson({}),
    );

    expect(await table?.update('k', { ...update, condition: 'c' })).toEqual({ hits: { N: '2' } });
    expect(await table?.update('k', update)).toEqual({});
    const [first, second] = upstream.received.map(({ body }) => JSON.parse(body.toString()));
    const input = {
      TableName: 'limits',
      Key: { key: { S: 'k' } },
      UpdateExpression: update.update,
      ExpressionAttributeValues: update.values,
      ReturnValues: 'ALL_NEW',
    };
    expect([first, second]).toEqual([{ ...input, ConditionExpression: 'c' }, input]);
    const names = ['x-amz-target', 'content-type'];
    expect(names.map((name) => upstream.received[0]?.header(name))).toEqual([
      'DynamoDB_20120810.UpdateItem',
      'application/x-amz-json-1.0',
    ]);
  });

  it.each([
    ['ConditionalCheckFailedException', undefined],
    ['AccessDeniedException', 'AccessDeniedException'],
  ])('answers %s with %s', async (type, expected) => {
    const { table } = await startTable(toJson({ __type: `x#${type}` }, { status: 400 }));

    const outcome = await table?.update('k', update).catch((error) => error.type);
    expect(outcome).toBe(expected);
  });

  it('is one client for all limits of an environment', async () => {
    const { services } = await startTable();
    const limits = { ...services.limits, share: createShare() };
    const shared = { ...services, limits };

    expect(findTable(shared)).toBe(findTable(shared));
    expect(findTable(services)).not.toBe(findTable(services));
    expect(findTable({ ...services, limits: { ...limits, table: undefined } })).toBeUndefined();
  });
});
