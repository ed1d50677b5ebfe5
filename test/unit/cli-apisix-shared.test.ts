import { convert, convertOne, lambda, route } from '../support/converted.ts';

const refusal = { 'ip-restriction': { whitelist: ['127.0.0.1/32'] } };

it('services, plugin configs, upstreams and global rules become documents of their own, which routes name', () => {
  const { documents, dropped } = convert({
    services: [{ id: 7, hosts: ['a.example.com'], upstream_id: 9, plugins: { 'key-auth': {} } }],
    plugin_configs: [{ id: 'c', desc: 'strict', plugins: { cors: {} } }],
    global_rules: [{ id: 1, plugins: { 'request-id': {} } }],
    upstreams: [{ id: 9, scheme: 'https', nodes: { 'b.example.com': 1 } }],
    routes: [{ id: 'r', uri: '/a', service_id: 7, plugin_config_id: 'c' }],
  });

  expect(documents).toMatchObject([
    { kind: 'upstreams', id: '9', document: { scheme: 'https', nodes: { 'b.example.com': 1 } } },
    {
      ...{ kind: 'services', id: '7' },
      document: { hosts: ['a.example.com'], upstream_id: '9', plugins: { 'key-auth': {} } },
    },
    { kind: 'plugin_configs', id: 'c', document: { desc: 'strict', plugins: { cors: {} } } },
    { kind: 'global_rules', id: '1', document: { plugins: { 'request-id': {} } } },
    {
      ...{ kind: 'routes', id: 'r' },
      document: { uri: '/a', plugins: {}, service_id: '7', plugin_config_id: 'c' },
    },
  ]);
  expect(documents[4]?.document).not.toHaveProperty('hosts');
  expect([...documents.flatMap(({ remarks }) => remarks), ...dropped]).toEqual([]);
});

describe('an object that would let through more than it did', () => {
  const lost = 'plugin wolf-rbac is left out: there is no such plugin here';
  const unsafe = { id: 7, hosts: ['a.example.com'], plugins: { 'wolf-rbac': {} } };

  it.each<[string, object, object, string]>([
    ['services', { service_id: 7 }, unsafe, lost],
    ['plugin_configs', { plugin_config_id: 7 }, { id: 7, plugins: unsafe.plugins }, lost],
    ['global_rules', {}, { id: 7, plugins: unsafe.plugins }, lost],
    [
      'services',
      { service_id: 7 },
      { id: 7, script: 'x' },
      'script is left out: there is no Lua here',
    ],
    [
      'services',
      { service_id: 7 },
      { id: 7, only: 1 },
      'only is left out: there is no such field here',
    ],
  ])('of %s is left out, and its routes refuse every request', (type, parts, object, why) => {
    const { documents, dropped } = convert({ routes: [{ ...route, ...parts }], [type]: [object] });
    const [own, ...others] = documents;

    expect([own?.kind, others]).toEqual(['routes', []]);
    expect(own?.document['plugins']).toEqual(refusal);
    expect(own?.remarks.join()).toContain(`${type}/7 is left out`);
    expect(dropped).toEqual([`${type}/7: it would let through more than it did; ${why}`]);
  });

  it('leaves its routes on its hosts, and no others', () => {
    const { document } = convertOne({ service_id: 7 }, { services: [unsafe] });

    expect(document).toEqual({ uri: '/a', hosts: ['a.example.com'], plugins: refusal });
  });

  it('leaves routes alone that do not name it', () => {
    expect(convertOne({}, { services: [unsafe] }).document['plugins']).toEqual(lambda());
  });
});

const noOpa = 'plugin opa is left out: there is no such plugin here';

it.each<[string, object, string, object?]>([
  ['plugins', { plugins: { 'key-auth': { key: 'k' }, opa: { host: 'x' } } }, noOpa],
  ['a group', { plugins: {}, group_id: 'g' }, 'consumer_groups/g is not in the file'],
  [
    'a group that loses plugins',
    { plugins: {}, group_id: 'g' },
    'consumer_groups/g is left out',
    { consumer_groups: [{ id: 'g', plugins: { opa: {} } }] },
  ],
])('a consumer that loses %s is left out, with its credentials', (_, parts, why, others = {}) => {
  const credential = { id: 'jack/credentials/c', plugins: { 'key-auth': { key: 'k2' } } };
  const { documents, dropped } = convert({
    consumers: [{ username: 'jack', ...parts }, credential],
    ...others,
  });

  expect(documents).toEqual([]);
  expect(dropped.join()).toContain(
    `consumer jack: it would be let through more than it was; ${why}`,
  );
});

it('a consumer group becomes a document, which its consumers name', () => {
  const { documents, dropped } = convert({
    consumer_groups: [{ id: 'g', plugins: { cors: {} } }],
    consumers: [{ username: 'jack', group_id: 'g', plugins: {} }],
    protos: [{ id: 1 }],
  });

  expect(documents).toMatchObject([
    { kind: 'consumer_groups', id: 'g', document: { plugins: { cors: {} } } },
    { kind: 'consumers', id: 'jack', document: { group_id: 'g' } },
  ]);
  expect(dropped).toEqual(['1 of protos: there is no such thing here']);
});

it('a credential of a plugin that there is not is left out, and its consumer stays', () => {
  const { documents, dropped } = convert({
    consumers: [{ username: 'jack' }, { id: 'jack/credentials/c', plugins: { 'wolf-rbac': {} } }],
  });

  expect(documents.map(({ id }) => id)).toEqual(['jack']);
  expect(dropped.join()).toContain('credential c of consumer jack: plugin wolf-rbac is left out');
});

it('a plugin of a global rule stays, whatever a route has of the same name: both run', () => {
  const only = (address: string) => ({ 'ip-restriction': { whitelist: [address] } });
  const { documents } = convert({
    routes: [{ ...route, plugins: { ...lambda(), ...only('0.0.0.0/0') } }],
    global_rules: ['10.0.0.0/8', '11.0.0.0/8'].map((a, id) => ({ id, plugins: only(a) })),
  });

  expect(documents.map(({ document }) => document['plugins'])).toEqual([
    ...[only('10.0.0.0/8'), only('11.0.0.0/8')],
    { ...lambda(), ...only('0.0.0.0/0') },
  ]);
});

it('a loss is named once', () => {
  const { remarks } = convertOne({ plugins: { ...lambda(), 'wolf-rbac': {}, prometheus: {} } });

  expect(remarks.join('; ').match(/wolf-rbac/g)).toHaveLength(1);
  expect(remarks.join('; ').match(/prometheus/g)).toHaveLength(1);
});

it('names of objects that are changed are changed where they are named', () => {
  const { documents } = convert({
    services: [
      { id: 'a b', plugins: {} },
      { id: 'a/b', plugins: {} },
    ],
    routes: [{ ...route, service_id: 'a/b' }],
  });

  expect(documents.map(({ id }) => id)).toEqual(['a-b', 'a-b-2', '1']);
  expect(documents[2]?.document['service_id']).toBe('a-b-2');
});

it('what is left out is named, and the import is not complete', () => {
  const guard = { 'my-guard': {} };
  const { dropped, isIncomplete } = convert({
    services: [{ id: 's', plugins: guard }],
    consumers: [
      { username: 'ann', plugins: guard },
      { id: 'bob/credentials/c', plugins: { 'key-auth': { key: 'k' } } },
    ],
    ssls: [{}],
  });

  expect(dropped.map((line) => line.split(':')[0])).toEqual([
    '1 of ssls',
    'services/s',
    'consumer ann',
    'credential c of consumer bob',
  ]);
  expect(isIncomplete).toBe(true);
  expect(convert({ routes: [route], ssls: [{}] }).isIncomplete).toBe(false);
});
