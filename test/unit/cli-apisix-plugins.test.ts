/** What changes in the settings of single plugins that are imported from Apache APISIX. */
import { convertApisix } from '../../cli/apisix/convert.ts';
import { convertPlugins } from '../../cli/apisix/plugins.ts';
import { parseApisix } from '../../cli/apisix/read.ts';

it('proxy-rewrite loses what has no meaning here', () => {
  const rewrite = {
    ...{ regex_uri: ['^/a/(.*)', '/$1'], use_real_request_uri_unsafe: true, scheme: 'http' },
  };
  const { plugins, remarks, lost } = convertPlugins(
    { 'proxy-rewrite': rewrite },
    { keepKeys: false },
  );

  expect(plugins).toEqual({ 'proxy-rewrite': { regex_uri: ['^/a/(.*)', '/$1'] } });
  expect(remarks).toEqual([
    'use_real_request_uri_unsafe of proxy-rewrite is left out: paths are sent as they came',
    'scheme of proxy-rewrite is left out: it is that of the upstream',
  ]);
  expect(lost).toEqual([]);
});

it.each<[object, boolean]>([
  [{ redirect: { uri: '/b' } }, false],
  [{ mocking: { response_example: 'x' } }, false],
  [{ redirect: { regex_uri: ['^/a', '/b'] } }, true],
  [{ redirect: { uri: '/b', _meta: { disable: true } } }, true],
])(
  'a route without an upstream and with %j answers 503 to some requests: %s',
  (plugins, expected) => {
    const text = JSON.stringify({ routes: [{ id: '1', uri: '/a', plugins }] });
    const { documents } = convertApisix(parseApisix(text, 'dump'), { keepKeys: false });

    expect(documents[0]?.remarks.join().includes('503 NO_UPSTREAM')).toBe(expected);
  },
);
