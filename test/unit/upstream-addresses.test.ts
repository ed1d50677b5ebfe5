/** The addresses of a document: upstreams, and the services that it relies on. */
import { parseFunctionUri, parseServiceUri } from '../../functions/proxy/upstream/attributes.ts';
import { functionUrlHost, thrownBy, toAllowedHosts } from '../support/builders.ts';

const allowedHosts = toAllowedHosts('auth.example.com');
const context = (written: object) => ({ pointer: '/plugins/it', written });
const parseService = (uri: string) =>
  parseServiceUri(uri, 'uri', { ...context({ uri: 'as written' }), allowedHosts });
const parseFunction = (uri: string) =>
  parseFunctionUri(uri, allowedHosts, context({ function_uri: 'as written' }));

test('an upstream is a function URL, and a service is a listed host', () => {
  expect(parseFunction(`https://${functionUrlHost}/a`)).toMatchObject({ basePath: '/a' });
  expect(parseService('https://auth.example.com/check')).toMatchObject({ basePath: '/check' });
});

test.each([
  ['a function', () => parseFunction('no address'), '/plugins/it/function_uri', false],
  ['a function', () => parseFunction('https://10.0.0.1/'), '/plugins/it/function_uri', true],
  ['a service', () => parseService('no address'), '/plugins/it/uri', false],
  ['a service', () => parseService('https://10.0.0.1/'), '/plugins/it/uri', true],
])(
  'an address of %s that is wrong is named where it is written: %#',
  (_, parse, pointer, isUnfulfilled) => {
    const { issues } = thrownBy(parse) as { issues: readonly object[] };

    expect(issues).toEqual([expect.objectContaining({ pointer, found: '"as written"' })]);
    expect(Boolean(Object(issues[0]).isUnfulfilled)).toBe(isUnfulfilled);
  },
);

test('a bug of the proxy is no fault of the document', () => {
  expect(thrownBy(() => parseFunction(Symbol('uri') as never))).toBeInstanceOf(TypeError);
});
