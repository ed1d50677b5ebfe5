/** How upstreams of Apache APISIX are converted. */
import { convertApisix } from '../../cli/apisix/convert.ts';
import { parseApisix } from '../../cli/apisix/read.ts';

const uri = 'https://abc1234567.execute-api.us-east-1.amazonaws.com/default';
const lambda = () => ({ 'aws-lambda': { function_uri: uri } });
const convertOne = (parts: object, others: object = {}) => {
  const file = { routes: [{ id: '1', uri: '/a', plugins: lambda(), ...parts }], ...others };
  const { documents } = convertApisix(parseApisix(JSON.stringify(file), 'dump'), {
    keepKeys: false,
  });
  const [converted] = documents;
  if (!converted) throw new Error('nothing was converted');
  return converted;
};

describe('the upstream of a route', () => {
  const nodes = { 'a.example:443': 1 };
  const https = { id: 7, scheme: 'https', type: 'roundrobin', pass_host: 'pass', nodes };
  const lists = {
    upstreams: [https, { ...https, id: '8', service_name: 'x', discovery_type: 'dns' }],
  };

  it.each([
    ['its own', { upstream: { nodes } }, {}, { nodes }],
    ['one that it names', { upstream_id: '7' }, {}, { scheme: 'https', type: 'roundrobin', nodes }],
    [
      'its own before that of its service',
      { upstream: { nodes }, service_id: 1 },
      { upstream_id: 7 },
      { nodes },
    ],
    ['that of its service', { service_id: 1 }, { upstream: { nodes } }, { nodes }],
    [
      'one that its service names',
      { service_id: 1 },
      { upstream_id: 7 },
      { scheme: 'https', type: 'roundrobin', nodes },
    ],
    [
      'with the timeouts of the route',
      { upstream: { nodes }, timeout: { read: 6 } },
      {},
      { nodes, timeout: { read: 6 } },
    ],
    ['none that there is not', { upstream_id: 9 }, {}, undefined],
    ['none with service discovery', { upstream_id: 8 }, {}, undefined],
    ['none of gRPC', { upstream: { nodes, scheme: 'grpc' } }, {}, undefined],
  ])('is %s', (_, parts, service, expected) => {
    const { document } = convertOne(
      { plugins: {}, ...parts },
      { ...lists, services: [{ id: 1, ...service }] },
    );

    expect(document['upstream']).toEqual(expected);
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
