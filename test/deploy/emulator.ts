/** ministack: CloudFormation, Lambda's control plane, Parameter Store, API Gateway and DynamoDB on loopback. */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../local/http-server.ts';
import { inheritedEnv } from '../../local/process-env.ts';
import { type RunningProcess, start } from './process.ts';
import type { PythonTools } from './python-tools.ts';

export interface Emulator {
  readonly url: string;
  readonly output: () => string;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;

/** Starts an emulator with nothing in it; what it keeps is below `folder`. */
export async function startEmulator(tools: PythonTools, folder: string): Promise<Emulator> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const child = start({
    file: tools.ministack,
    args: [],
    env: {
      ...inheritedEnv(),
      ...{ HOME: folder, TMPDIR: folder },
      ...{ BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), MINISTACK_HOST: '127.0.0.1' },
    },
    cwd: folder,
  });
  await untilReady(`${url}/_ministack/health`, child);
  return { url, output: child.output, stop: child.stop };
}

async function untilReady(url: string, child: RunningProcess): Promise<void> {
  let isEnded = false;
  void child.ended.then(() => {
    isEnded = true;
  });
  const end = Date.now() + startTimeoutMs;
  while (!(await answers(url))) {
    if (isEnded || Date.now() > end) {
      await child.stop();
      throw new Error(`the emulator did not start:\n${child.output().slice(-4000)}`);
    }
    await sleep(200);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** The emulator wants a number. Between this and its start another process may take the port: then it fails. */
async function findFreePort(): Promise<number> {
  const server = await listen(createServer());
  await server.close();
  return server.port;
}
