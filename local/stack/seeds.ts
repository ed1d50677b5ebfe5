import type { ParameterStore } from '../parameter-store/parameter-store.ts';
import { SsmError } from '../parameter-store/ssm-error.ts';
import { LOCAL_REGION } from './credentials.ts';

/** The API's stage, the first segment of its paths. */
export const API_STAGE = 'default';

/** Root of the local proxy's documents. */
export const LOCAL_PARAMETER_PATH = '/countersign/local';

/** Outside the root, so that the proxy does not read it as a document. */
const UPSTREAMS_PARAMETER = '/countersign/local-stack/upstreams';

/** The URLs of the upstreams. */
export interface UpstreamUrls {
  readonly helloUrl: string;
  readonly apiUrl: string;
  readonly streamUrl: string;
}

/** Creates the demo routes: an exact path, a prefix, a stream, and an API with its own path. */
export function createSeeds(urls: UpstreamUrls): Readonly<Record<string, object>> {
  const iam = (service: string) => ({ iam: { aws_region: LOCAL_REGION, service } });
  return {
    hello: {
      uri: '/hello',
      plugins: { 'aws-lambda': { function_uri: urls.helloUrl, authorization: iam('lambda') } },
    },
    aws: {
      uri: '/aws/*',
      plugins: { 'aws-lambda': { function_uri: urls.apiUrl, authorization: iam('execute-api') } },
    },
    stream: {
      uri: '/stream',
      plugins: {
        'aws-lambda': {
          function_uri: urls.streamUrl,
          authorization: iam('lambda'),
          timeout: 30_000,
        },
      },
    },
    users: {
      // The first path is the list of users, and the second is one user.
      uris: ['/users', '/users/*'],
      methods: ['GET', 'POST', 'PATCH', 'DELETE'],
      plugins: {
        'aws-lambda': {
          function_uri: `${urls.apiUrl}${API_STAGE}/demo/users`,
          authorization: iam('execute-api'),
          timeout: 30_000,
        },
      },
    },
  };
}

/**
 * Creates missing demo routes. Existing ones stay as edited, with one exception: the URL of an upstream of the last run
 * is replaced by this run's, because ports may have changed.
 */
export function seedRoutes(store: ParameterStore, urls: UpstreamUrls): void {
  const before = readValue(store, UPSTREAMS_PARAMETER);
  const moved = before === undefined ? undefined : toMoves(JSON.parse(before), urls);
  const seeds = createSeeds(urls);
  for (const [id, document] of Object.entries(seeds)) {
    const name = `${LOCAL_PARAMETER_PATH}/routes/${id}`;
    const current = readValue(store, name);
    const wanted = current === undefined ? JSON.stringify(document, null, 2) : moved?.(current);
    if (wanted !== undefined && wanted !== current) {
      store.call('PutParameter', { Name: name, Type: 'String', Value: wanted, Overwrite: true });
    }
  }
  const record = JSON.stringify(urls);
  if (record !== before) {
    const Name = UPSTREAMS_PARAMETER;
    store.call('PutParameter', { Name, Type: 'String', Value: record, Overwrite: true });
  }
}

/** @returns a function that replaces all old URLs by the new ones in one pass */
function toMoves(before: Partial<UpstreamUrls>, after: UpstreamUrls): (text: string) => string {
  const moves = new Map<string, string>();
  for (const key of ['helloUrl', 'apiUrl', 'streamUrl'] as const) {
    const old = before[key];
    if (old !== undefined) {
      moves.set(old, after[key]);
    }
  }
  return (text) => text.replace(/http:\/\/127\.0\.0\.1:\d+\//g, (url) => moves.get(url) ?? url);
}

function readValue(store: ParameterStore, name: string): string | undefined {
  try {
    const { Parameter: parameter } = store.call('GetParameter', { Name: name }) as {
      Parameter: { Value: string };
    };
    return parameter.Value;
  } catch (error) {
    if (error instanceof SsmError) {
      return undefined;
    }
    throw error;
  }
}
