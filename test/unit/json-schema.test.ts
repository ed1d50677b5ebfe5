/** The published JSON Schemas say what the proxy says, as far as JSON Schema has words for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { createJsonSchemas } from '../../cli/schema/documents.ts';
import { documentOf, functionUri, lambdaDocument } from '../support/documents.ts';
import { readPluginPage } from '../support/plugin-page.ts';
import { sample } from '../support/sample.ts';

const root = join(import.meta.dirname, '..', '..');
const schemas = createJsonSchemas();
const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
const validate = (name: string) => ajv.compile(schemas.get(name) as object);
const isRoute = validate('route');
const isConsumer = validate('consumer');

function listFiles(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .sort();
}

describe('schema/', () => {
  it('has a file for each document and plugin, and no others (npm run schema writes them)', () => {
    expect(listFiles('schema', '.json')).toEqual(
      [...schemas.keys()].map((n) => `${n}.json`).sort(),
    );
  });

  it.each([...schemas])('%s is what the code says (npm run schema writes it)', (name, schema) => {
    const written: unknown = JSON.parse(readFileSync(join(root, 'schema', `${name}.json`), 'utf8'));

    expect(written).toEqual(schema);
  });

  it.each(sample([...schemas]))('%s is a JSON Schema', (name) => {
    expect(() => validate(name)).not.toThrow();
  });
});

const pages = ['README.md', ...listFiles('docs', '.md').map((name) => `docs/${name}`)];
const texts = pages.map((page) => readFileSync(join(root, page), 'utf8'));
const parameters = listFiles('docs/plugins', '.md').flatMap((name) => [
  ...readPluginPage(readFileSync(join(root, 'docs/plugins', name), 'utf8')).parameters,
]);
const examples = [
  ...texts.flatMap((text) =>
    [...text.matchAll(/```jsonc?\n(\{\n {2}"uri"[\s\S]*?)```/g)].map(([, json = '']) => json),
  ),
  ...parameters.flatMap(([name, text]) => (name.startsWith('routes/') ? [text] : [])),
];
const consumers = parameters.flatMap(([name, text]) =>
  name.startsWith('consumers/') ? [text] : [],
);

function parse(text: string): unknown {
  return JSON.parse(text.replace(/ {2,}\/\/.*$/gm, '').replace(/ \/\/ .*$/gm, ''));
}

describe('the schema of routes', () => {
  it.each(examples)('takes what the documentation shows: %s', (text) => {
    isRoute(parse(text));

    expect(isRoute.errors ?? []).toEqual([]);
  });

  it.each([
    ['an array', [documentOf({ id: 'a' }), documentOf({ id: 'b' })]],
    ['a number as id', documentOf({ id: 7 })],
    ['a host in capitals, which the proxy takes', documentOf({ host: 'API.Example.com' })],
    [
      'a reference in place of a key',
      lambdaDocument({ function_uri: '$env://COUNTERSIGN_VAR_UPSTREAM' }),
    ],
    [
      'a reference where a string has to look like something',
      lambdaDocument({
        function_uri: functionUri,
        authorization: { iam: { role_arn: '$secret://ssm/role' } },
      }),
    ],
    [
      'a plugin that is switched off',
      lambdaDocument({ function_uri: functionUri, _meta: { disable: true } }),
    ],
  ])('takes %s', (_, document) => {
    isRoute(document);

    expect(isRoute.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown field', documentOf({ url: '/x' }), '/url'],
    ['an unknown plugin', documentOf({ plugins: { 'aws-lamda': {} } }), '/plugins/aws-lamda'],
    [
      'an unknown field of a plugin',
      lambdaDocument({ function_uri: functionUri, timout: 1 }),
      '/plugins/aws-lambda/timout',
    ],
    ['a missing required field', lambdaDocument({}), '/plugins/aws-lambda/function_uri'],
    [
      'a timeout that is too short',
      lambdaDocument({ function_uri: functionUri, timeout: 50 }),
      '/plugins/aws-lambda/timeout',
    ],
    ['a wrong type', documentOf({ priority: 'high' }), '/priority'],
    [
      'a redirection to nowhere',
      documentOf({ plugins: { redirect: { ret_code: 301 } } }),
      '/plugins/redirect',
    ],
    [
      'a redirection to two places',
      documentOf({ plugins: { redirect: { uri: '/x', regex_uri: ['a', 'b'] } } }),
      '/plugins/redirect',
    ],
    [
      'a rewrite of nothing',
      documentOf({ plugins: { 'proxy-rewrite': { _meta: {} } } }),
      '/plugins/proxy-rewrite',
    ],
    ['a field that is only known to be refused', documentOf({ filter_func: 'f' }), '/filter_func'],
    ['an unknown method', documentOf({ methods: ['get'] }), '/methods/0'],
    ['no path', { plugins: {} }, '/uri'],
    ['uri and uris', documentOf({ uris: ['/b'] }), ''],
    ['host and hosts', documentOf({ host: 'a.example', hosts: ['b.example'] }), ''],
    ['an array whose items have no id', [documentOf()], '/0/id'],
    ['a status of true', documentOf({ status: true }), '/status'],
    ['a string', 'a route', ''],
  ])('refuses %s, and says where', (_, document, place) => {
    expect(isRoute(document)).toBe(false);
    expect((isRoute.errors ?? []).map(toPlace)).toContain(place);
  });
});

test('editors are offered no field that the proxy refuses', () => {
  expect([...schemas.values()].map((schema) => JSON.stringify(schema)).join()).not.toContain(
    '{"not":{}}',
  );
});

describe('the schema of consumers', () => {
  it.each(consumers)('takes what the documentation shows: %s', (text) => {
    isConsumer(parse(text));

    expect(isConsumer.errors ?? []).toEqual([]);
  });

  it.each([
    [
      'a route’s settings of an authentication plugin',
      { plugins: { 'key-auth': { header: 'x' } } },
    ],
    [
      'a plugin that calls an upstream',
      { plugins: { 'aws-lambda': { function_uri: functionUri } } },
    ],
    ['an unknown field', { name: 'ann' }],
  ])('refuses %s', (_, document) => {
    expect(isConsumer(document)).toBe(false);
  });
});

/** Pointer of what is wrong: for missing and surplus members, the member itself. */
function toPlace({
  instancePath,
  params,
}: {
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
}): string {
  const member = params['missingProperty'] ?? params['additionalProperty'];
  return member === undefined ? instancePath : `${instancePath}/${member}`;
}
