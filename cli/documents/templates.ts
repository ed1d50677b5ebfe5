/** Templates with which `edit` begins new documents. */
import type { Kind } from './kinds.ts';

/** The JSON text with which `edit` begins a document that does not exist. */
export function toTemplate(kind: Kind, id: string): string {
  const name = id.split('/').at(-1) ?? id;
  const isCredential = /^[^/]+\/credentials\/[^/]+$/.test(id);
  const document =
    kind.name === 'consumers' && isCredential ? toCredential(id) : templates[kind.name](name);
  return JSON.stringify(document, null, 2);
}

const lambda = {
  'aws-lambda': {
    function_uri: 'https://YOUR-FUNCTION.lambda-url.eu-west-1.on.aws/',
    authorization: { iam: {} },
  },
};

const templates: Readonly<Record<Kind['name'], (name: string) => object>> = {
  routes: (name) => ({ uri: `/${name}/*`, methods: ['GET', 'POST'], plugins: lambda }),
  consumers: toConsumer,
  services: () => ({ plugins: { 'key-auth': {}, ...lambda } }),
  plugin_configs: () => ({ plugins: { 'key-auth': {} } }),
  consumer_groups: () => ({ plugins: { 'limit-count': { count: 100, time_window: 60 } } }),
  upstreams: () => ({ scheme: 'https', nodes: { 'YOUR-HOST.example.com': 1 } }),
  global_rules: () => ({ plugins: { 'request-id': {} } }),
};

function toCredential(id: string): object {
  const name = id.replace('/credentials/', '-');
  return { plugins: { 'key-auth': { key: `$secret://ssm/consumers/${name}-key` } } };
}

function toConsumer(name: string): object {
  return {
    username: name,
    plugins: { 'key-auth': { key: `$secret://ssm/consumers/${name}-key` } },
  };
}
