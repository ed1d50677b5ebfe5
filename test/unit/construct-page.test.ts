/** docs/construct.md and docs/deploy.md list every prop and every context key, as the source has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toPropsRows } from '../support/props-table.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test.each([
  ['lib/proxy/signing-proxy-props.ts', 'SigningProxyProps'],
  ['lib/proxy/proxy-environment.ts', 'ProxyEnvironmentProps'],
  ['lib/proxy/signing-proxy-props.ts', 'AliasProps'],
  ['lib/edge/edge-props.ts', 'EdgeProps'],
  ['lib/publisher/publisher-options.ts', 'SnapshotOptions'],
  ['lib/monitoring/monitoring.ts', 'MonitoringOptions'],
  ['lib/monitoring/alarms.ts', 'AlarmThresholds'],
])('the table of %s, %s, is its comments', (file, name) => {
  const rows = toPropsRows(join(root, file), name);
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.join('\n')).not.toContain('MISSING');
  const tables = read('docs/construct.md').split('\n\n');
  // On failure the difference is what to paste.
  expect(
    tables
      .find((table) => table.includes(rows[0] ?? ''))
      ?.split('\n')
      .slice(2),
  ).toEqual(rows);
});

test('every property of those interfaces has a comment that the tables can be made of', () => {
  for (const file of [
    'proxy/signing-proxy-props',
    'proxy/proxy-environment',
    'edge/edge-props',
    'publisher/publisher-options',
  ]) {
    const source = read(`lib/${file}.ts`);
    const properties = [...source.matchAll(/^ {2}readonly \w+\??:/gm)];
    const defaults = [...source.matchAll(/\* @default /g)];
    expect(defaults).toHaveLength(properties.length);
  }
});

test('the context keys of docs/deploy.md are those that are read', () => {
  const keys = [...read('lib/app/deploy-settings.ts').matchAll(/read\w+\(node, '(\w+)'/g)];
  const [, rest = ''] = read('docs/deploy.md').split('| context key |');
  const [table = ''] = rest.split('\n\n');
  const rows = [...table.matchAll(/^\| `(\w+)` \|/gm)];
  expect(rows.map(([, key]) => key).sort()).toEqual(keys.map(([, key]) => key).sort());
});
