/** What the local parameter store refuses, and how tests make it fail. */
import {
  type ParameterStore,
  type ParameterStoreOptions,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { send } from '../support/client.ts';

const stores: ParameterStore[] = [];

async function start(options: ParameterStoreOptions = {}): Promise<ParameterStore> {
  const store = await startParameterStore(options);
  stores.push(store);
  return store;
}

async function call(store: ParameterStore, operation: string, body: string) {
  const headers = [['X-Amz-Target', `AmazonSSM.${operation}`]] as const;
  const response = await send(store.url, { method: 'POST', target: '/', headers, body });
  return { status: response.status, ...response.json() };
}

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

it('refuses a request for another host: a web page may give its name the address 127.0.0.1', async () => {
  const store = await start();
  store.call('PutParameter', { Name: '/a', Type: 'SecureString', Value: 'secret' });
  const read = (host: string) =>
    send(store.url, {
      method: 'POST',
      target: '/',
      headers: [
        ['host', host],
        ['x-amz-target', 'AmazonSSM.GetParametersByPath'],
      ],
      body: JSON.stringify({ Path: '/', WithDecryption: true }),
    });

  const foreign = await read(`page.example:${store.port}`);
  expect(foreign.json()).toMatchObject({ __type: 'AccessDeniedException' });
  expect((await read(`localhost:${store.port}`)).json()).toMatchObject({
    Parameters: [{ Value: 'secret' }],
  });
});

describe('PutParameter refuses', () => {
  const table: [string, object, string, RegExp][] = [
    ['a space in a name', { Name: '/a b' }, 'ValidationException', /Parameter name/],
    ['an empty segment', { Name: '/a//b' }, 'ValidationException', /Parameter name/],
    ['a name of AWS', { Name: '/aws/x' }, 'ValidationException', /can't be prefixed/],
    ['a path without a slash', { Name: 'a/b' }, 'ValidationException', /fully qualified/],
    [
      'sixteen levels',
      { Name: '/l'.repeat(16) },
      'HierarchyLevelLimitExceededException',
      /maximum of 15 levels/,
    ],
    [
      'more than 4 KB',
      { Value: 'x'.repeat(4097) },
      'ValidationException',
      /Standard tier parameters support a maximum parameter value of 4096 characters/,
    ],
    [
      'more than 8 KB in the advanced tier',
      { Value: 'x'.repeat(8193), Tier: 'Advanced' },
      'ValidationException',
      /Advanced tier parameters support a maximum parameter value of 8192 characters/,
    ],
    [
      'a nested parameter',
      { Value: 'x {{y}}' },
      'ValidationException',
      /can't nest another parameter/,
    ],
    ['no value', { Value: '' }, 'ValidationException', /'value' failed to satisfy constraint/],
    ['a type that is none', { Type: 'Number' }, 'ValidationException', /enum value set/],
    ['a tier that is none', { Tier: 'Huge' }, 'ValidationException', /enum value set/],
    [
      'a value against its pattern',
      { AllowedPattern: '^\\d+$' },
      'ParameterPatternMismatchException',
      /cannot be validated against allowedPattern/,
    ],
    [
      'a pattern that is none',
      { AllowedPattern: '(' },
      'InvalidAllowedPatternException',
      /not a valid/,
    ],
  ];
  test.each(table)('%s', async (_, input, type, message) => {
    const store = await start();
    const body = JSON.stringify({ Name: '/a', Value: 'v', ...input });
    expect(await call(store, 'PutParameter', body)).toEqual({
      ...{ status: 400, __type: type, message: expect.stringMatching(message) },
    });
  });

  test('to go back from advanced to standard', async () => {
    const store = await start();
    const write = (Value: string, Tier?: string) =>
      call(store, 'PutParameter', JSON.stringify({ Name: '/a', Value, Tier, Overwrite: true }));
    expect(await write('x'.repeat(5000), 'Intelligent-Tiering')).toMatchObject({
      Tier: 'Advanced',
    });
    expect(await write('small', 'Standard')).toMatchObject({
      message: expect.stringContaining("You can't downgrade"),
    });
    expect(await write('small')).toMatchObject({ Tier: 'Advanced', Version: 2 });
  });

  test('nothing that fits: 4 KB, fifteen levels, every allowed character', async () => {
    const store = await start();
    const body = JSON.stringify({ Name: `${'/l'.repeat(14)}/a.b-C_9`, Value: 'x'.repeat(4096) });
    expect(await call(store, 'PutParameter', body)).toMatchObject({ Version: 1, Tier: 'Standard' });
  });
});

test.each([
  ['GetParametersByPath', '{"Path":"no/slash"}', 'ValidationException'],
  ['GetParametersByPath', '{"Path":"/","MaxResults":11}', 'ValidationException'],
  ['GetParametersByPath', '{"Path":"/","MaxResults":0}', 'ValidationException'],
  ['GetParametersByPath', '{"Path":"/","NextToken":"made-up"}', 'ValidationException'],
  ['GetParameterHistory', '{"Name":"/a","MaxResults":51}', 'ValidationException'],
  ['GetParameter', '{}', 'ValidationException'],
  ['GetParameter', '{"Name":"/none"}', 'ParameterNotFound'],
  ['GetParameter', '{"Name":"/aws/reference/secretsmanager/x"}', 'ValidationException'],
  ['GetParameter', 'no json', 'SerializationException'],
  ['GetParameter', '[]', 'SerializationException'],
  ['DescribeParameters', '{"ParameterFilters":[{"Key":"Moon"}]}', 'InvalidFilterKey'],
  [
    'DescribeParameters',
    '{"ParameterFilters":[{"Key":"Name","Option":"Near"}]}',
    'InvalidFilterOption',
  ],
  ['DescribeParameters', '{"MaxResults":51}', 'ValidationException'],
  ['StartSession', '{}', 'UnknownOperationException'],
  ['constructor', '{}', 'UnknownOperationException'],
])('%s %s is a %s', async (operation, body, type) => {
  expect(await call(await start(), operation, body)).toMatchObject({ status: 400, __type: type });
});

test('a secret that is not there is not found', async () => {
  const body = '{"Name":"/aws/reference/secretsmanager/x","WithDecryption":true}';
  expect(await call(await start(), 'GetParameter', body)).toMatchObject({
    ...{ __type: 'ParameterNotFound', message: expect.stringContaining('Secrets Manager') },
  });
});

describe('a test can make a call', () => {
  test('fail as it likes, and see what was asked', async () => {
    const calls: unknown[] = [];
    const store = await start({
      intercept(operation, input) {
        calls.push([operation, input]);
        return calls.length > 1
          ? undefined
          : { type: 'ThrottlingException', message: 'Rate exceeded' };
      },
    });
    expect(await call(store, 'GetParametersByPath', '{"Path":"/"}')).toEqual({
      ...{ status: 400, __type: 'ThrottlingException', message: 'Rate exceeded' },
    });
    expect(await call(store, 'GetParametersByPath', '{"Path":"/"}')).toMatchObject({ status: 200 });
    expect(calls[0]).toEqual(['GetParametersByPath', { Path: '/' }]);
  });

  test('wait', async () => {
    let isOver = false;
    const store = await start({
      intercept: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        isOver = true;
        return undefined;
      },
    });
    await call(store, 'DescribeParameters', '{}');
    expect(isOver).toBe(true);
  });

  test('break off', async () => {
    const store = await start({ intercept: () => 'hang-up' });
    await expect(call(store, 'DescribeParameters', '{}')).rejects.toThrow('hang up');
  });

  test('be one without HTTP', async () => {
    const store = await start();
    expect(() => store.call('GetParameter', { Name: '/none' })).toThrow(
      'Parameter /none not found.',
    );
  });
});
