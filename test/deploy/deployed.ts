/** Deployed functions, run on this machine: their own bytes and variables behind the local fronts. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApiGateway } from '../../local/api-gateway/api-gateway.ts';
import { startFunctionUrl } from '../../local/function-url/function-url.ts';
import type { Listening } from '../../local/http-server.ts';
import {
  createEnvironmentPool,
  type EnvironmentPool,
} from '../../local/runtime/environment-pool.ts';
import {
  createLocalVerifier,
  LOCAL_CREDENTIALS,
  LOCAL_REGION,
} from '../../local/stack/credentials.ts';
import type { Cloud, DeployedFunction } from './cloud.ts';
import { run } from './process.ts';
import type { PythonTools } from './python-tools.ts';

export interface Deployment {
  readonly cloud: Cloud;
  readonly emulatorUrl: string;
  /** For what is downloaded. */
  readonly folder: string;
  readonly tools: PythonTools;
}

export interface Running {
  readonly url: string;
  /** Everything that the function wrote. */
  readonly log: () => string;
  close(): Promise<void>;
}

/**
 * Runs a deployed function behind a front like its deployed URL: the same authorization, the same mode.
 * @param env replaces variables, such as the address of an upstream
 */
export async function runFunctionUrl(
  deployment: Deployment,
  prefix: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const { pool, log, name, timeoutMs } = await createPool(deployment, prefix, env);
  const { AuthType, InvokeMode } = await deployment.cloud.readFunctionUrl(name);
  const front = await startFunctionUrl({
    ...{ invoke: pool.invoke, invokeMode: InvokeMode, timeoutMs },
    ...(AuthType === 'AWS_IAM' && { verifier: createLocalVerifier('lambda') }),
  });
  return toRunning(front, pool, log);
}

/** Runs a deployed function behind a REST API with the resources and the authorization of the deployed one. */
export async function runApi(
  deployment: Deployment,
  { apiId, stage, prefix }: { apiId: string; stage: string; prefix: string },
): Promise<Running> {
  const { pool, log } = await createPool(deployment, prefix);
  const { invoke } = pool;
  const resources = (await deployment.cloud.readApiResources(apiId)).flatMap(
    ({ path, resourceMethods = {} }) =>
      Object.entries(resourceMethods).map(([method, { authorizationType: authorization }]) => ({
        ...{ path, methods: [method], invoke, authorization },
      })),
  );
  const verifier = createLocalVerifier('execute-api');
  const front = await startApiGateway({ stage, resources, verifier });
  return toRunning(front, pool, log);
}

/** Runs a deployed publisher once, with the allowed hosts of {@link runFunctionUrl}. @returns its log */
export async function runPublisher(
  deployment: Deployment,
  prefix: string,
  event: object,
): Promise<string> {
  const { pool, log, timeoutMs } = await createPool(deployment, prefix);
  const { kind } = await pool.invoke(event, { timeoutMs });
  await pool.close();
  if (kind === 'error' || kind === 'throttled') throw new Error(`${prefix}: ${kind} ${log()}`);
  return log();
}

/** Unpacks a function's zip. @returns the folder that Lambda would call its task root */
export async function downloadCode(
  { folder, tools }: Deployment,
  { name, codeUrl }: DeployedFunction,
): Promise<string> {
  const root = join(folder, 'code', name);
  await mkdir(root, { recursive: true });
  const response = await fetch(codeUrl);
  if (!response.ok) throw new Error(`${codeUrl} answers ${response.status}`);
  await writeFile(`${root}.zip`, Buffer.from(await response.arrayBuffer()));
  const args = ['-m', 'zipfile', '--extract', `${root}.zip`, root];
  await run({ file: tools.python, args, env: {} }, 30_000);
  return root;
}

async function createPool(
  deployment: Deployment,
  prefix: string,
  env: Readonly<Record<string, string>> = {},
) {
  const deployed = await deployment.cloud.readFunction(prefix);
  let log = '';
  const pool = createEnvironmentPool({
    taskRoot: await downloadCode(deployment, deployed),
    ...{ functionName: deployed.name, handler: deployed.handler, maxEnvironments: 1 },
    env: {
      ...deployed.environment,
      // What Lambda would add, and where AWS is.
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: LOCAL_CREDENTIALS.sessionToken,
      AWS_ENDPOINT_URL_SSM: deployment.emulatorUrl,
      AWS_ENDPOINT_URL_S3: deployment.emulatorUrl,
      AWS_ENDPOINT_URL_KMS: deployment.emulatorUrl,
      AWS_ENDPOINT_URL_DYNAMODB: deployment.emulatorUrl,
      // The one thing that no deployment would say: an upstream on this machine.
      COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1',
      ...env,
    },
    onLine: (line) => {
      log += `${line}\n`;
    },
  });
  return { pool, log: () => log, name: deployed.name, timeoutMs: deployed.timeoutMs };
}

function toRunning(front: Listening, pool: EnvironmentPool, log: () => string): Running {
  const close = async () => {
    await Promise.all([front.close(), pool.close()]);
  };
  return { url: front.url, log, close };
}
