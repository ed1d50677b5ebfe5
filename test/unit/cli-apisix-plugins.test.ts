/** What changes in the settings of single plugins that are imported from Apache APISIX. */
import { convertPlugins } from '../../cli/apisix/plugins.ts';

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
