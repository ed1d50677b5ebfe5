/** How upstreams of Apache APISIX are converted. */
import { convertApisix } from '../../cli/apisix/convert.ts';
import { parseApisix } from '../../cli/apisix/read.ts';

const uri = 'https://abc1234567.execute-api.us-east-1.amazonaws.com/default';
const lambda = () => ({ 'aws-lambda': { function_uri: uri } });
const convertAll = (parts: object, others: object = {}) => {
  const file = { routes: [{ id: '1', uri: '/a', plugins: lambda(), ...parts }], ...others };
  const text = JSON.stringify(file);
  return convertApisix(parseApisix(text, 'dump'), { keepKeys: false }).documents;
};
const convertOne = (parts: object, others: object = {}) => {
  const converted = convertAll(parts, others).find(({ kind }) => kind === 'routes');
  if (!converted) throw new Error('nothing was converted');
  return converted;
};

describe('the upstream of a route', () => {
  const nodes = { 'a.example:443': 1 };
  const https = { id: 7, scheme: 'https', type: 'roundrobin', pass_host: 'pass', nodes };
  const lists = {
    upstreams: [https, { ...https, id: '8', service_name: 'x', discovery_type: 'dns' }],
  };
  const none = { nodes: {} };

  it.each([
    ['its own', { upstream: { nodes } }, { upstream: { nodes } }],
    ['one that it names', { upstream_id: 7 }, { upstream_id: '7' }],
    ['with its timeouts', { upstream_id: 7, timeout: { read: 6 } }, { timeout: { read: 6 } }],
    ['without nodes if there is none', { upstream_id: 9 }, { upstream: none }],
    ['without nodes for gRPC', { upstream: { nodes, scheme: 'grpc' } }, { upstream: none }],
  ])('is %s', (_, parts, expected) => {
    const { document } = convertOne({ plugins: {}, ...parts }, lists);

    expect(document).toMatchObject(expected);
  });

  it('stays with its service, which it names', () => {
    const services = [{ id: 1, upstream_id: 7, plugins: {} }];
    const [, service, route] = convertAll(
      { plugins: {}, service_id: 1 },
      { ...lists, services },
    ).filter(({ id }) => id !== '8');

    expect(service?.document).toEqual({ upstream_id: '7', plugins: {} });
    expect(route).toMatchObject({ document: { service_id: '1' }, remarks: [] });
  });

  it('is a document without nodes for service discovery, which says so once', () => {
    const documents = convertAll({ plugins: {}, upstream_id: 8 }, lists);

    expect(documents[1]).toMatchObject({ kind: 'upstreams', id: '8', document: none });
    expect(documents[1]?.remarks.join()).toContain('there is no service discovery here');
    expect(documents[2]).toMatchObject({ document: { upstream_id: '8' }, remarks: [] });
  });

  it('loses what there is not here, and says so', () => {
    const upstream = {
      ...{ ...https, parent: {}, hash_on: 'vars', tls: { client_cert: 'x', verify: false } },
      checks: { active: {}, passive: { healthy: { successes: 1 } } },
      filter: 'x',
    };
    const { document, remarks } = convertOne({ plugins: {}, upstream });

    expect(document['upstream']).toEqual({
      ...{ scheme: 'https', type: 'roundrobin', nodes, hash_on: 'vars', tls: { verify: false } },
      checks: { passive: { healthy: { successes: 1 } } },
    });
    for (const word of ['pass_host', 'checks.active', 'client_cert', 'upstream.filter']) {
      expect(remarks.join()).toContain(word);
    }
  });

  it('says nothing of active checks that it never had', () => {
    const checks = { passive: { healthy: { successes: 1 } } };
    const { document, remarks } = convertOne({ plugins: {}, upstream: { nodes, checks } });

    expect(document['upstream']).toEqual({ nodes, checks });
    expect(remarks.join()).not.toContain('checks');
  });

  it('is left out beside aws-lambda, unless that is switched off', () => {
    const off = { 'aws-lambda': { ...lambda()['aws-lambda'], _meta: { disable: true } } };

    const services = [{ id: 1, upstream: { nodes }, plugins: lambda() }];
    const [service, route] = convertAll(
      { plugins: {}, service_id: 1, upstream_id: 7 },
      { services },
    );

    expect(service?.document).not.toHaveProperty('upstream');
    expect(route?.document).not.toHaveProperty('upstream_id');
    expect(convertOne({ upstream: { nodes } }).document).not.toHaveProperty('upstream');
    expect(convertOne({ upstream: { nodes }, plugins: off }).document).toHaveProperty('upstream');
  });

  it('of a traffic-split stands where its id stood', () => {
    const shares = [{ upstream_id: 7, weight: 2 }, { upstream_id: 9 }, { weight: 1 }];
    const plugins = { ...lambda(), 'traffic-split': { rules: [{ weighted_upstreams: shares }] } };
    const { document, remarks } = convertOne({ plugins }, lists);

    expect(Object(document['plugins'])['traffic-split']).toEqual({
      rules: [
        {
          weighted_upstreams: [
            { weight: 2, upstream: { scheme: 'https', type: 'roundrobin', nodes } },
            { upstream: { nodes: {} } },
            { weight: 1 },
          ],
        },
      ],
    });
    expect(remarks.join()).toContain('upstream 9 is not in the file');
  });
});
