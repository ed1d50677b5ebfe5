/** YAML of Apache APISIX, whose parser merges maps by the key `<<`. */
import { convertApisix } from '../../cli/apisix/convert.ts';
import { parseApisix } from '../../cli/apisix/read.ts';

const uri = 'https://abc1234567.execute-api.us-east-1.amazonaws.com/default';

const convertYaml = (text: string) => convertApisix(parseApisix(text, 'dump'), { keepKeys: false });
const guarded = 'bases: [&guarded { plugins: { key-auth: {} } }]';
const call = `aws-lambda: { function_uri: "${uri}", authorization: {} }`;

it.each([
  ['a route', `routes: [{ id: 1, uri: /a, <<: *guarded }]`],
  ['its plugins', `routes: [{ id: 1, uri: /a, plugins: { ${call}, <<: { key-auth: {} } } }]`],
  [
    'its service',
    `routes: [{ id: 1, uri: /a, service_id: 7, plugins: { ${call} } }]
services: [{ id: 7, <<: *guarded }]`,
  ],
  [
    'a global rule',
    `routes: [{ id: 1, uri: /a, plugins: { ${call} } }]
global_rules: [{ id: 7, <<: [*guarded] }]`,
  ],
])('merges maps as APISIX does: %s keeps its guard', (_, text) => {
  const [converted] = convertYaml(`${guarded}\n${text}`).documents;

  expect(converted?.document['plugins']).toHaveProperty('key-auth');
});

it.each([
  'routes: [&r { id: 1, uri: /a, plugins: { aws-lambda: *r } }]',
  'routes: &r [{ id: 1, uri: /a, labels: { x: *r } }]',
])('an anchor inside itself is refused: %s', (text) => {
  expect(() => convertYaml(text)).toThrow(/dump: it has aliases/);
});
