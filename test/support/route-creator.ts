/** The built custom resource of routes, run as Lambda would, and a CloudFormation that it answers. */
import { join } from 'node:path';
import type { Outcome } from '../../functions/create-route/answer.ts';
import type { ResourceEvent } from '../../functions/create-route/event.ts';
import {
  type ParameterStore,
  type ParameterStoreOptions,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import type { SsmError } from '../../local/parameter-store/ssm-error.ts';
import { createEnvironmentPool } from '../../local/runtime/environment-pool.ts';
import { startCloudFormation } from './cloud-formation.ts';
import { closeAtEnd } from './open-resources.ts';

const taskRoot = join(import.meta.dirname, '..', '..', 'dist', 'create-route');

export interface RouteCreator {
  readonly store: ParameterStore;
  run(event: ResourceEvent): Promise<Outcome>;
  /** Content types of the answers. */
  readonly types: (string | undefined)[];
  /** What of the function's standard output has arrived: its last lines may come behind its answer. */
  log(): string;
  /** How Parameter Store fails from now on; undefined for not at all. */
  failBy(intercept: ParameterStoreOptions['intercept']): void;
  /** The value of a parameter, or the type of the error. */
  read(name: string): string;
  tagsOf(name: string): Readonly<Record<string, string>>;
}

export interface RouteCreatorOptions {
  readonly intercept?: ParameterStoreOptions['intercept'];
  /** How often the answer is refused before it is taken. @default 0 */
  readonly refusedAnswers?: number;
}

export async function startRouteCreator(options: RouteCreatorOptions = {}): Promise<RouteCreator> {
  const { refusedAnswers = 0 } = options;
  let { intercept } = options;
  const store = await startParameterStore({ intercept: (...call) => intercept?.(...call) });
  closeAtEnd(store.close);
  const cloudFormation = await startCloudFormation({ refusedAnswers });
  let log = '';
  // One environment for all events, as Lambda would keep it.
  const pool = createEnvironmentPool({
    taskRoot,
    functionName: 'create-route',
    env: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_SSM: store.url,
    },
    onLine: (line, stream) => {
      if (stream === 'stdout') log += `${line}\n`;
    },
  });
  closeAtEnd(pool.close);
  return {
    ...{ store, types: cloudFormation.types, log: () => log },
    failBy: (next) => {
      intercept = next;
      log = '';
    },
    run: async (event) => {
      const sent = { ...event, ResponseURL: cloudFormation.responseUrl };
      const response = await pool.invoke(sent, { timeoutMs: 600_000 });
      if (response.kind !== 'buffered') throw new Error(`${response.kind}\n${log}`);
      return cloudFormation.take(event);
    },
    read: (name) => {
      try {
        const { Parameter } = store.call('GetParameter', { Name: name }) as {
          readonly Parameter: { readonly Value: string };
        };
        return Parameter.Value;
      } catch (error) {
        return (error as SsmError).type;
      }
    },
    tagsOf: (name) => {
      const input = { ResourceType: 'Parameter', ResourceId: name };
      const { TagList } = store.call('ListTagsForResource', input) as {
        readonly TagList: readonly { readonly Key: string; readonly Value: string }[];
      };
      return Object.fromEntries(TagList.map(({ Key, Value }) => [Key, Value]));
    },
  };
}
