import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import type { DocumentInForce } from '../../functions/proxy/routes/in-force.ts';
import { isWhole, putInForce } from '../../functions/proxy/routes/load-document.ts';
import type { LoadState } from '../../functions/proxy/routes/load-state.ts';
import type { Tree } from '../../functions/proxy/routes/tree.ts';
import { rejectionOf, toServices } from '../support/builders.ts';
import { documentOf, functionUri, rules } from '../support/documents.ts';

const name = `${rules.root}/routes/hello`;
const plain = JSON.stringify(documentOf());
const withSecret = JSON.stringify(
  documentOf({
    plugins: {
      'aws-lambda': { function_uri: functionUri, authorization: { apikey: '$secret://ssm/key' } },
    },
  }),
);

const limited = (policy: string) => {
  const limit = { conn: 1, burst: 1, default_conn_delay: 1, policy };
  return JSON.stringify(documentOf({ plugins: { ...documentOf().plugins, 'limit-conn': limit } }));
};

/** Documents at one place, with secrets that may change, and what was found. */
function createRig(secrets: Record<string, string> = {}) {
  const findings = { warnings: [] as unknown[], failures: [] as unknown[] };
  const references = {
    rules,
    readSecret: (secret: string) => secrets[secret.replace(`${rules.root}/secrets/`, '')],
    readVariable: () => undefined,
  };
  const state = {
    ...{ root: rules.root, rules, registry: plugins, memory: {}, findings },
    compile: { services: toServices(), requireAccessPlugin: false },
    tree: { referencesOf: () => references } as unknown as Tree,
  } as unknown as LoadState;
  const put = (
    value: string,
    { previous, version = 1, ...more }: Partial<LoadState> & { version?: number } = {},
    parameter = name,
  ) => putInForce({ name: parameter, value, version }, { ...state, ...more, previous });
  return { put, secrets, findings };
}

test('a text is put in force with its version and a digest', async () => {
  const { put } = createRig();
  const inForce = await put(plain, { version: 3 });

  expect(inForce).toMatchObject({ parameter: name, version: 3, text: plain, withheld: [] });
  expect(inForce.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(inForce.routes.map(({ id }) => id)).toEqual(['hello']);
});

test('the same text under another version keeps the routes that are in force', async () => {
  const { put } = createRig();
  const previous = await put(plain);
  // Nothing is compiled for it: without plugins it could not be.
  const registry = undefined as never;
  const next = await put(plain, { previous, version: 2, registry });

  expect(next).toEqual({ ...previous, version: 2 });
  expect(next.routes).toBe(previous.routes);
});

test('another text makes other routes', async () => {
  const { put } = createRig();
  const previous = await put(plain);
  const next = await put(plain.replace('/aws/*', '/other/*'), { previous });

  expect(next.routes).not.toBe(previous.routes);
  expect(next.digest).not.toBe(previous.digest);
});

test('a document with a secret is compiled anew, and kept while the secret is the same', async () => {
  const { put, secrets } = createRig({ key: 'one' });
  const first = await put(withSecret);
  const same = await put(withSecret, { previous: first, version: 2 });
  secrets['key'] = 'two';
  const other = await put(withSecret, { previous: same, version: 2 });

  expect(same.routes).toBe(first.routes);
  expect(same.version).toBe(2);
  expect(other.routes).not.toBe(first.routes);
});

test('what is missing makes another digest than what is there', async () => {
  const { put, secrets } = createRig();
  const lacking = await put(withSecret);
  expect(lacking.missing).toHaveLength(1);
  const again = await put(withSecret, { previous: lacking });
  expect(again.routes).toBe(lacking.routes);

  secrets['key'] = 'one';
  const whole = await put(withSecret, { previous: lacking });
  expect(whole.missing).toEqual([]);
  expect(whole.routes).not.toBe(lacking.routes);
});

test('a warning names the document and its version', async () => {
  const { put, findings } = createRig();
  await put(limited('local'), { version: 4 });

  expect(findings.warnings).toEqual([
    { parameter: name, version: 4, text: expect.stringContaining('policy dynamodb') },
  ]);
});

test('a table that was missing is found later, though text and secrets are the same', async () => {
  const { put } = createRig();
  const { limits, ...services } = toServices();
  const compile = {
    services: { ...services, limits: { ...limits, table: undefined } },
    requireAccessPlugin: false,
  };
  const lacking = await put(limited('dynamodb'), { compile });
  const whole = await put(limited('dynamodb'), { previous: lacking });

  expect(lacking.missing).toHaveLength(1);
  expect(whole.missing).toEqual([]);
});

test.each(['/elsewhere/hello', `${rules.root}/consumers/ann/credentials/0/b`])(
  '%s is no document: its text is not compiled as a route',
  async (parameter) => {
    const { put, findings } = createRig();

    expect(await rejectionOf(put(plain, {}, parameter))).toBeInstanceOf(DocumentError);
    expect(findings.failures).toEqual([{ parameter, error: expect.any(Error) }]);
  },
);

test('a malformed document is told as it is, and is no failure of the proxy', async () => {
  const { put, findings } = createRig();
  const error = await rejectionOf(put('{"uri":1}'));

  expect(error).toBeInstanceOf(DocumentError);
  expect((error as DocumentError).cause).toBeUndefined();
  expect(findings.failures).toEqual([]);
});

test('a document that the proxy fails on is malformed, and the failure is told', async () => {
  const { put, findings } = createRig();
  const failure = new Error('a bug');
  const tree = {
    referencesOf: () => {
      throw failure;
    },
  } as unknown as Tree;
  const error = await rejectionOf(put(plain, { tree }));

  expect(error).toBeInstanceOf(DocumentError);
  expect(error).toMatchObject({
    cause: failure,
    issues: [{ pointer: '', found: 'a document that the proxy fails on', expected: 'none' }],
  });
  expect(findings.failures).toEqual([{ parameter: name, error: failure }]);
});

test.each([
  [[], [], true],
  [['x'], [], false],
  [[], ['x'], false],
])('missing %j and withheld %j: whole is %s', (missing, withheld, expected) => {
  expect(isWhole({ missing, withheld } as unknown as DocumentInForce)).toBe(expected);
});
