/** `secrets`: values come from a prompt or a pipe, and go nowhere but into Parameter Store. */
import { countersign } from '../support/cli.ts';
import { type CliStore, startCliStore } from '../support/cli-store.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const run = (...args: string[]) => countersign(store.url, ['secrets', ...args]);
const value = 'wEGmUmBFBaUHsN3S';
const partner = (name: string) => ({
  uri: '/partner',
  plugins: {
    'aws-lambda': {
      function_uri: 'https://abcdefghij.lambda-url.eu-west-1.on.aws/',
      authorization: { apikey: `$secret://ssm/${name}` },
    },
  },
});

describe('set', () => {
  const set = (options: Parameters<typeof countersign>[2]) =>
    countersign(store.url, ['secrets', 'set', 'key'], options);

  it('takes the value from a pipe, less the line break at its end', async () => {
    const { status, stdout, stderr } = await set({ stdin: `${value}\n` });

    expect(status).toBe(0);
    expect(store.read('secrets/key')).toMatchObject({ Value: value, Type: 'SecureString' });
    expect(stdout).toContain('"$secret://ssm/key"');
    expect(stdout + stderr).not.toContain(value);
  });

  it('keeps the value unchanged, including line breaks', async () => {
    await set({ stdin: '-----BEGIN-----\n a \n-----END-----\n\n' });

    expect(store.read('secrets/key')?.Value).toBe('-----BEGIN-----\n a \n-----END-----\n');
  });

  it('asks for it twice on a terminal', async () => {
    expect((await set({ answers: [value, value] })).status).toBe(0);
    expect(store.read('secrets/key')?.Value).toBe(value);
  });

  it.each([
    ['two different answers', { answers: [value, 'other'] }, 7],
    ['an empty answer', { answers: [''] }, 7],
    ['an empty pipe', { stdin: '\n' }, 2],
    ['more than a parameter holds', { stdin: 'x'.repeat(8193) }, 2],
  ])('writes nothing after %s', async (_, options, status) => {
    expect((await set(options)).status).toBe(status);
    expect(store.calls('PutParameter')).toBe(0);
  });

  it('does not take it from the command line, nor repeat it', async () => {
    const { status, stdout, stderr } = await run('set', 'key', value);

    expect(status).toBe(2);
    expect(stdout + stderr).not.toContain(value);
    expect(stderr).toContain('would stay in the shell’s history');
    expect(store.calls('PutParameter')).toBe(0);
  });

  it('replaces an existing one', async () => {
    await set({ stdin: 'one' });
    await set({ stdin: 'two' });

    expect(store.read('secrets/key')).toMatchObject({ Value: 'two', Version: 2 });
  });
});

describe('list', () => {
  it('shows names and the documents that use them, and reads no value', async () => {
    store.put('secrets/key', value, 'SecureString');
    store.put('secrets/plain', value, 'String');
    store.put('routes/partner', partner('key'));
    store.put('routes/lost', partner('gone'));
    const { stdout, stderr } = await run('list');

    expect(stdout).toMatch(/^key +1 .* routes\/partner$/m);
    expect(stdout).toMatch(/^plain +1 .* nothing$/m);
    expect(stderr).toContain('plain is stored unencrypted (String)');
    expect(stderr).toContain('routes/lost refers to gone, which is not set');
    expect(stdout + stderr).not.toContain(value);
  });
});

describe('remove', () => {
  beforeEach(() => store.put('secrets/key', value, 'SecureString'));

  it('removes what no document uses', async () => {
    expect((await run('remove', 'key', '--yes')).status).toBe(0);
    expect(store.read('secrets/key')).toBeUndefined();
  });

  it('keeps what a document uses, unless it is forced', async () => {
    store.put('routes/partner', partner('key'));
    const { status, stderr } = await run('remove', 'key', '--yes');

    expect([status, store.read('secrets/key')?.Version]).toEqual([4, 1]);
    expect(stderr).toContain('routes/partner refers to key');
    expect((await run('remove', 'key', '--yes', '--force')).status).toBe(0);
  });

  it('of a missing secret ends with status 6', async () => {
    expect((await run('remove', 'nope', '--yes')).status).toBe(6);
  });
});
