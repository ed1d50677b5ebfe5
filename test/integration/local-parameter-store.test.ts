/** The local parameter store over its wire protocol. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import aws4 from 'aws4';
import {
  type ParameterStore,
  type ParameterStoreOptions,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { createLocalVerifier, LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { send } from '../support/client.ts';

const stores: ParameterStore[] = [];

async function start(options: ParameterStoreOptions = {}): Promise<ParameterStore> {
  const store = await startParameterStore(options);
  stores.push(store);
  return store;
}

/** What the answers read here have in them; each has some of it. */
interface Answer {
  readonly Parameter: { readonly Value: string };
  readonly Parameters: readonly { readonly Name: string }[];
  readonly NextToken?: string;
}

/** Calls by HTTP; an answer that is an error has a status of its own in it. */
async function call(store: ParameterStore, operation: string, input: unknown): Promise<Answer> {
  const headers = [
    ['X-Amz-Target', `AmazonSSM.${operation}`],
    ['Content-Type', 'application/x-amz-json-1.1'],
  ] as const;
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  const response = await send(store.url, { method: 'POST', target: '/', headers, body });
  const answer = response.json() as unknown as Answer & { __type?: string };
  if (response.status === 200) {
    return answer;
  }
  expect(response.header('x-amzn-errortype')).toBe(answer.__type);
  return { ...{ status: response.status }, ...answer };
}

const put = (store: ParameterStore, name: string, value: string, more = {}) =>
  call(store, 'PutParameter', { Name: name, Value: value, ...more });

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

describe('a parameter', () => {
  test('is read as it was written, with its metadata', async () => {
    const store = await start({ now: () => new Date('2026-01-02T03:04:05.500Z') });
    expect(await put(store, '/a/b', '{"x":1}')).toEqual({ Tier: 'Standard', Version: 1 });
    expect(await call(store, 'GetParameter', { Name: '/a/b' })).toEqual({
      Parameter: {
        ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/a/b',
        DataType: 'text',
        LastModifiedDate: 1767323045.5,
        Name: '/a/b',
        Type: 'String',
        Value: '{"x":1}',
        Version: 1,
      },
    });
  });

  test('is overwritten only when that is asked for, as a new version of the same type', async () => {
    const store = await start();
    await put(store, '/a', 'one', { Type: 'SecureString' });
    expect(await put(store, '/a', 'two')).toMatchObject({
      ...{ status: 400, __type: 'ParameterAlreadyExists' },
    });
    expect(await put(store, '/a', 'two', { Overwrite: true })).toMatchObject({ Version: 2 });
    const input = { Name: '/a', WithDecryption: true };
    expect(await call(store, 'GetParameter', input)).toMatchObject({
      Parameter: { Value: 'two', Version: 2, Type: 'SecureString' },
    });
  });

  test('is read by version', async () => {
    const store = await start();
    await put(store, '/a', 'one');
    await put(store, '/a', 'two', { Overwrite: true });
    expect(await call(store, 'GetParameter', { Name: '/a:1' })).toMatchObject({
      Parameter: { Name: '/a', Value: 'one', Version: 1, Selector: ':1' },
    });
    expect(await call(store, 'GetParameter', { Name: '/a:3' })).toMatchObject({
      __type: 'ParameterVersionNotFound',
    });
  });

  test('that is a SecureString is decrypted only on request', async () => {
    const store = await start();
    await put(store, '/s', 'hush', { Type: 'SecureString' });
    const closed = await call(store, 'GetParameter', { Name: '/s' });
    expect(closed.Parameter.Value).toMatch(/^AQICAH[\w+/=]{80,}$/);
    const history = await call(store, 'GetParameterHistory', { Name: '/s' });
    expect(JSON.stringify(history)).not.toContain('hush');
  });

  test('that is deleted is gone with its versions', async () => {
    const store = await start();
    await put(store, '/a', 'one');
    await put(store, '/b', 'one');
    expect(await call(store, 'DeleteParameter', { Name: '/a' })).toEqual({});
    expect(await call(store, 'DeleteParameter', { Name: '/a' })).toMatchObject({
      __type: 'ParameterNotFound',
    });
    expect(await call(store, 'DeleteParameters', { Names: ['/a', '/b'] })).toEqual({
      DeletedParameters: ['/b'],
      InvalidParameters: ['/a'],
    });
    expect(await put(store, '/a', 'again')).toMatchObject({ Version: 1 });
  });
});

describe('many parameters', () => {
  test('are read by name, and the missing ones are named', async () => {
    const store = await start({ secrets: { known: 'shh' } });
    await put(store, '/a', '1');
    const Names = ['/a', '/none', '/aws/reference/secretsmanager/known'];
    const answer = await call(store, 'GetParameters', { Names, WithDecryption: true });
    expect(answer).toMatchObject({
      Parameters: [{ Name: '/a' }, { Value: 'shh', Type: 'SecureString' }],
      InvalidParameters: ['/none'],
    });
    const eleven = Array.from({ length: 11 }, (_, i) => `/${i}`);
    expect(await call(store, 'GetParameters', { Names: eleven })).toMatchObject({
      __type: 'ValidationException',
    });
  });

  test('are read by path, ten a page', async () => {
    const store = await start();
    for (let i = 0; i < 23; i += 1) {
      await put(store, `/p/${String(i).padStart(2, '0')}`, `${i}`);
    }
    const pages: number[] = [];
    for (let NextToken: string | undefined, more = true; more; ) {
      const page = await call(store, 'GetParametersByPath', { Path: '/p', NextToken });
      pages.push(page.Parameters.length);
      NextToken = page.NextToken;
      more = NextToken !== undefined;
    }
    expect(pages).toEqual([10, 10, 3]);
    const one = await call(store, 'GetParametersByPath', { Path: '/p', MaxResults: 1 });
    expect(one.Parameters).toHaveLength(1);
  });

  test('are below a path by whole segments, and by all levels only when asked', async () => {
    const store = await start();
    for (const name of ['/a', '/a/b', '/a/b/c', '/ab', '/ab/c']) {
      await put(store, name, '1');
    }
    const below = async (Path: string, Recursive?: boolean) => {
      const { Parameters } = await call(store, 'GetParametersByPath', { Path, Recursive });
      return Parameters.map(({ Name }) => Name);
    };
    expect(await below('/a')).toEqual(['/a/b']);
    expect(await below('/a/', true)).toEqual(['/a/b', '/a/b/c']);
    expect(await below('/none', true)).toEqual([]);
    expect(await below('/', true)).toHaveLength(5);
  });

  test('have histories, oldest first, of a hundred versions', async () => {
    const store = await start();
    for (let i = 1; i <= 103; i += 1) {
      store.call('PutParameter', { Name: '/h', Value: `v${i}`, Overwrite: true });
    }
    const first = await call(store, 'GetParameterHistory', { Name: '/h' });
    expect(first.Parameters).toHaveLength(50);
    expect(first.Parameters[0]).toMatchObject({ Version: 4, Value: 'v4', Tier: 'Standard' });
    const { NextToken } = first;
    const second = await call(store, 'GetParameterHistory', { Name: '/h', NextToken });
    expect(second.Parameters.at(-1)).toMatchObject({ Version: 103 });
    expect(second.NextToken).toBeUndefined();
  });

  test('are described by filters, without their values', async () => {
    const store = await start();
    await put(store, '/a/one', 'value');
    await put(store, '/b/two', 'value', { Type: 'SecureString' });
    const names = async (ParameterFilters: unknown[]) => {
      const { Parameters } = await call(store, 'DescribeParameters', { ParameterFilters });
      expect(JSON.stringify(Parameters)).not.toContain('value');
      return Parameters.map(({ Name }) => Name);
    };
    expect(await names([])).toEqual(['/a/one', '/b/two']);
    expect(await names([{ Key: 'Name', Option: 'BeginsWith', Values: ['/a'] }])).toEqual([
      '/a/one',
    ]);
    expect(await names([{ Key: 'Name', Option: 'Contains', Values: ['two'] }])).toEqual(['/b/two']);
    expect(await names([{ Key: 'Type', Values: ['SecureString'] }])).toEqual(['/b/two']);
    expect(await names([{ Key: 'Path', Values: ['/a'] }])).toEqual(['/a/one']);
  });
});

describe('kept in a file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('parameters and versions outlive the store, and only the owner may read them', async () => {
    const file = join(folder, 'state', 'parameters.json');
    const first = await start({ file });
    await put(first, '/a', 'one');
    await put(first, '/a', 'two', { Overwrite: true });
    await first.close();
    const second = await start({ file });
    const { Parameters } = await call(second, 'GetParameterHistory', { Name: '/a' });
    expect(Parameters).toHaveLength(2);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'state'))).toEqual(['parameters.json']);
  });

  test('a file that is something else is left alone', async () => {
    const file = join(folder, 'parameters.json');
    await writeFile(file, '{"other":true}');
    await expect(start({ file })).rejects.toThrow(`${file} is not a parameter store's state`);
    expect(await readFile(file, 'utf8')).toBe('{"other":true}');
  });
});

describe('a caller', () => {
  test('may use any keys, unless signatures are checked', async () => {
    const checked = await start({ verifier: createLocalVerifier('ssm') });
    expect(await call(checked, 'GetParameter', { Name: '/a' })).toMatchObject({
      ...{ status: 400, __type: 'MissingAuthenticationTokenException' },
    });
    const body = '{"Path":"/"}';
    const signed = aws4.sign(
      {
        ...{ host: new URL(checked.url).host, path: '/', service: 'ssm', region: 'us-east-1' },
        ...{ method: 'POST', body },
        headers: {
          'X-Amz-Target': 'AmazonSSM.GetParametersByPath',
          'Content-Type': 'application/x-amz-json-1.1',
        },
      },
      { ...LOCAL_CREDENTIALS },
    );
    const headers = Object.fromEntries(
      Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]),
    );
    delete headers['Host'];
    const response = await fetch(checked.url, { method: 'POST', headers, body });
    expect(await response.json()).toEqual({ Parameters: [] });
  });
});
