/** Clear-text keys of imported documents become references to secrets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Converted } from '../../cli/import/conversion.ts';
import { moveSecrets } from '../../cli/import/move-secrets.ts';
import { mask, maskSecrets } from '../../cli/terminal/mask.ts';

const schemas = join(import.meta.dirname, '..', '..', 'schema');

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly type?: string;
}

const read = (file: string): Schema => JSON.parse(readFileSync(join(schemas, file), 'utf8'));
const move = (...documents: readonly Partial<Converted>[]) =>
  moveSecrets({
    documents: documents.map((own) => ({
      ...{ kind: 'routes' as const, id: 'r', document: {}, remarks: [] },
      ...own,
    })),
    dropped: [],
  });
const moveOne = (plugins: object, kind: Converted['kind'] = 'routes') => {
  const { documents, secrets } = move({ kind, document: { plugins } });
  return { ...documents[0], secrets: Object.fromEntries(secrets ?? []) };
};

/** @returns a value for each path of the schema that ends at a text or a list of texts, with its last name */
function listValues(schema: Schema, wrap: (value: unknown) => unknown = (own) => own): unknown[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const into = (value: unknown) => wrap({ [name]: value });
    const isText = part.type === 'string' || part.anyOf?.some(({ type }) => type === 'string');
    const isList = part.type === 'array' && part.items?.properties === undefined;
    return [
      ...(isText ? [into('clear-text')] : []),
      ...(isList ? [into(['clear-text'])] : []),
      ...listValues(part, into),
    ];
  });
  const items = schema.items ? listValues(schema.items, (value) => wrap([value])) : [];
  const others = (schema.anyOf ?? []).flatMap((part) => listValues(part, wrap));
  return [...own, ...items, ...others];
}

const isHidden = (value: unknown, isConsumer: boolean) =>
  JSON.stringify(maskSecrets(value, { isConsumer })).includes(mask);
/** Masking hides them for caution; they are names. */
const names = /"(traffic-split|limit-\w+|api-breaker)":|"cookie":|"cache":/;

const ofRoutes = readdirSync(join(schemas, 'plugins')).flatMap((file) =>
  listValues(read(`plugins/${file}`), (value) => ({ [file.replace('.json', '')]: value })).filter(
    (plugins) => isHidden(plugins, false) && !names.test(JSON.stringify(plugins)),
  ),
);
const ofConsumers = listValues(read('credential.json').properties?.['plugins'] ?? {}).filter(
  (plugins) => isHidden(plugins, true),
);

it('knows the secret fields of the schemas', () => {
  expect(ofRoutes.length).toBeGreaterThan(8);
  expect(ofConsumers.length).toBeGreaterThan(6);
});

it.each([
  ...ofRoutes.map((plugins) => ['routes', JSON.stringify(plugins)] as const),
  ...ofConsumers.map((plugins) => ['consumers', JSON.stringify(plugins)] as const),
])('of %s, %s has a reference in place of its secret', (kind, text) => {
  const { document, secrets, remarks } = moveOne(JSON.parse(text), kind);
  const [name = ''] = Object.keys(secrets);

  expect(JSON.stringify(document)).toBe(
    `{"plugins":${text.replace('clear-text', `$secret://ssm/${name}`)}}`,
  );
  expect(name).toMatch(kind === 'consumers' ? /^consumers\/r\/[\w.-]+$/ : /^routes\/r\/[\w.-]+$/);
  expect(secrets).toEqual({ [name]: 'clear-text' });
  expect(remarks).toEqual([]);
});

it.each([
  { 'jwt-auth': { cookie: 'jwt' } },
  { 'limit-count': { count: 1, time_window: 1, key: 'remote_addr' } },
  { 'traffic-split': { rules: [{ weighted_upstreams: [{ upstream: { key: 'remote_addr' } }] }] } },
  { csrf: { key: '$secret://ssm/mine' } },
  { csrf: { key: '$ENV://COUNTERSIGN_VAR_X' } },
])('%j stays', (plugins) => {
  expect(moveOne(plugins)).toMatchObject({ document: { plugins }, secrets: {}, remarks: [] });
});

it.each<[object, string]>([
  [
    { 'aws-lambda': { function_uri: 'https://a.example.com/x?code=abc' } },
    '/aws-lambda/function_uri',
  ],
  [{ 'proxy-rewrite': { uri: '/x?api_key=abc&a=$arg_a' } }, '/proxy-rewrite/uri'],
  [
    { 'proxy-rewrite': { headers: { set: { authorization: 'Bearer abc $http_x' } } } },
    '/proxy-rewrite/headers/set/authorization',
  ],
  [
    { 'response-rewrite': { headers: { add: ['authorization: abc'] } } },
    '/response-rewrite/headers/add/0',
  ],
  [{ csrf: { key: 'x'.repeat(8193) } }, '/csrf/key'],
])('%j stays, and its place is named', (plugins, pointer) => {
  const { document, secrets, remarks } = moveOne(plugins);

  expect({ document, secrets }).toEqual({ document: { plugins }, secrets: {} });
  expect(remarks).toEqual([
    expect.stringContaining(`/plugins${pointer} may hold a key, and stays`),
  ]);
});

it('names secrets by document and field, each once', () => {
  const plugins = { 'key-auth': { key: 'k' } };
  const { secrets } = move(
    { kind: 'consumers', id: 'jack', document: { plugins } },
    { kind: 'consumers', id: 'jack/credentials/one', document: { plugins } },
    { kind: 'consumers', id: 'a b', document: { plugins } },
    { kind: 'consumers', id: 'a/b', document: { plugins } },
    { kind: 'consumers', id: 'a-b', document: { plugins } },
  );

  expect([...(secrets?.keys() ?? [])]).toEqual([
    'consumers/jack/key-auth.key',
    'consumers/jack/credentials/one/key-auth.key',
    'consumers/a-b/key-auth.key',
    'consumers/a/b/key-auth.key',
    'consumers/a-b/key-auth.key-2',
  ]);
});
