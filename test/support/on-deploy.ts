/** The built custom resource that publishes, run as Lambda does, and a CloudFormation that receives its answers. */
import type { Outcome } from '../../functions/create-route/answer.ts';
import { createEnvironmentPool } from '../../local/runtime/environment-pool.ts';
import { startCloudFormation } from './cloud-formation.ts';
import { closeAtEnd, openForFile } from './open-resources.ts';
import { bucket, key, publisherRoot } from './publisher.ts';

export interface OnDeployOptions {
  /** Environment variables besides the publisher's. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Number of answers that CloudFormation refuses first.
   * @default 0
   */
  readonly refusedAnswers?: number;
  /**
   * Timeout of the function. It tries until 20 s before its end, and at most for 75 seconds.
   * @default 60000
   */
  readonly timeoutMs?: number;
  /** Whether it has a new environment, as after a change of the function's variables. @default false */
  readonly isFresh?: boolean;
}

/** A request to the custom resource. */
export interface Request {
  /** Names of the parameters that the stack created; undefined asks for everything. */
  readonly parameters?: readonly string[];
  /** @default none; CloudFormation has one for updates and deletions */
  readonly physicalId?: string;
}

export interface OnDeploy {
  ask(type: 'Create' | 'Update' | 'Delete', request?: Request): Promise<Outcome>;
  /** The text that the function wrote. */
  text(): string;
}

export const uri = `s3://${bucket}/${key}`;
/** Enough time for three attempts, with pauses of half a second and one second. */
export const littlePatience = 23_000;

const functions = new Map<string, ReturnType<typeof startFunction>>();

/** Tests with the same variables share a function, as deployments share a warm environment. */
function startFunction(env: Readonly<Record<string, string>>) {
  const written: string[] = [];
  const pool = createEnvironmentPool({
    ...{ taskRoot: publisherRoot, handler: 'on-deploy.handler', functionName: 'on-deploy' },
    env,
    onLine: (line) => written.push(line),
  });
  return openForFile(async () => {
    closeAtEnd(pool.close);
    return { pool, written };
  });
}

/** @param publisherEnv variables of the publisher; a deployment gives both functions the same */
export async function startOnDeploy(
  publisherEnv: Readonly<Record<string, string>>,
  options: OnDeployOptions = {},
): Promise<OnDeploy> {
  const cloudFormation = await startCloudFormation(options);
  const env = { ...publisherEnv, ...options.env };
  const name = JSON.stringify(env);
  const warm = options.isFresh ? undefined : functions.get(name);
  const started = warm ?? startFunction(env);
  functions.set(name, started);
  const { pool, written } = await started;
  const first = written.length;
  let requests = 0;
  return {
    text: () => written.slice(first).join('\n'),
    async ask(type, { parameters, physicalId } = {}) {
      requests += 1;
      const event = {
        ...{ RequestType: type, RequestId: `request-${requests}` },
        StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/edge/8b6f',
        LogicalResourceId: 'ProxyPublisherDeployed',
        ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
        ResourceProperties: { Uri: uri, ...(parameters && { Parameters: parameters }) },
      };
      const sent = { ...event, ResponseURL: cloudFormation.responseUrl };
      const { timeoutMs = 60_000 } = options;
      const response = await pool.invoke(sent, { timeoutMs });
      if (response.kind !== 'buffered') throw new Error(`${response.kind}\n${written.join('\n')}`);
      return cloudFormation.take(event);
    },
  };
}
