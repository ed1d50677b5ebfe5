/** Templates with which `edit` begins new documents. */
import type { Kind } from './kinds.ts';

/** The JSON text with which `edit` begins a document that does not exist. */
export function toTemplate(kind: Kind, id: string): string {
  const name = id.split('/').at(-1) ?? id;
  const document =
    kind.name === 'routes'
      ? toRoute(name)
      : /^[^/]+\/credentials\/[^/]+$/.test(id)
        ? toCredential(id)
        : toConsumer(name);
  return JSON.stringify(document, null, 2);
}

function toRoute(name: string): object {
  return {
    uri: `/${name}/*`,
    methods: ['GET', 'POST'],
    plugins: {
      'aws-lambda': {
        function_uri: 'https://YOUR-FUNCTION.lambda-url.eu-west-1.on.aws/',
        authorization: { iam: {} },
      },
    },
  };
}

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
