import { join } from 'node:path';
import { usersResources } from '../../functions/users/resources.ts';
import { usersTable } from '../../functions/users/table.ts';
import type { ApiResource } from '../api-gateway/api-gateway.ts';
import { createEnvironmentPool } from '../runtime/environment-pool.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../stack/credentials.ts';
import { startDynamoDb } from './dynamodb.ts';

/** How the users API runs. */
export interface UsersOptions {
  /** Folder of the built function. @default dist/users */
  readonly usersRoot?: string | undefined;
  /** Called for each line that its process writes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** The parts of the users API that an API Gateway needs. */
export interface Users {
  readonly resources: readonly ApiResource[];
  readonly pids: () => readonly number[];
  /** Uses another build from now on; `usersRoot` is its folder. */
  recycle(usersRoot: string): void;
  close(): Promise<void>;
}

/** Starts an empty table. The built function starts with the first request. */
export async function startUsers(options: UsersOptions = {}): Promise<Users> {
  const tableName = 'users';
  const dynamoDb = await startDynamoDb({ ...usersTable, tableName });
  const pool = createEnvironmentPool({
    taskRoot: options.usersRoot ?? join(import.meta.dirname, '..', '..', 'dist', 'users'),
    functionName: 'users',
    env: {
      USERS_TABLE: tableName,
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    },
    onLine: (line) => options.onLine?.(line),
  });
  return {
    resources: usersResources.map((resource) => ({ ...resource, invoke: pool.invoke })),
    pids: pool.pids,
    recycle: pool.recycle,
    close: async () => {
      await Promise.all([pool.close(), dynamoDb.close()]);
    },
  };
}
