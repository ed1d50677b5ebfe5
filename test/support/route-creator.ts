/** The built custom resource of routes, run as Lambda would, and a CloudFormation that it answers. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Outcome } from '../../functions/create-route/answer.ts';
import type { ResourceEvent } from '../../functions/create-route/event.ts';
import { listen, readBody } from '../../local/http-server.ts';
import {
  type ParameterStore,
  type ParameterStoreOptions,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import type { SsmError } from '../../local/parameter-store/ssm-error.ts';
import { closeAtEnd } from './open-resources.ts';

const built = join(import.meta.dirname, '..', '..', 'dist', 'create-route', 'index.mjs');

export interface RouteCreator {
  readonly store: ParameterStore;
  run(event: ResourceEvent): Promise<Outcome>;
  /** Content types of the answers. */
  readonly types: (string | undefined)[];
  /** Everything that the function wrote. */
  log(): string;
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
  const { intercept, refusedAnswers = 0 } = options;
  const store = await startParameterStore(intercept ? { intercept } : {});
  closeAtEnd(store.close);
  const answers: Outcome[] = [];
  const types: (string | undefined)[] = [];
  let refused = 0;
  const server = createServer(async (request, response) => {
    // CloudFormation takes no longer ones.
    const body = await readBody(request, 4096);
    if (refused < refusedAnswers || body === undefined) {
      refused += 1;
      response.writeHead(503).end();
      return;
    }
    answers.push(JSON.parse(String(body)));
    types.push(request.headers['content-type']);
    response.end();
  });
  const cloudFormation = await listen(server, {});
  closeAtEnd(cloudFormation.close);
  let log = '';
  return {
    ...{ store, types, log: () => log },
    run: async (event) => {
      const sent = { ...event, ResponseURL: `${cloudFormation.url}/answer?signature=marked` };
      log += await invoke(sent, store.url);
      const [answer, ...others] = answers.splice(0);
      if (!answer || others.length > 0) throw new Error(`${others.length} answers too many`);
      const { StackId, RequestId, LogicalResourceId } = event;
      expect(answer).toMatchObject({ StackId, RequestId, LogicalResourceId });
      return answer;
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

async function invoke(event: ResourceEvent, storeUrl: string): Promise<string> {
  const script = `
    import { handler } from ${JSON.stringify(built)};
    await handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 600_000 });`;
  const args = ['--input-type=module', '-e', script];
  const env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SSM: storeUrl,
  };
  return (await promisify(execFile)(process.execPath, args, { env })).stdout;
}
