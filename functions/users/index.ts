/** The demo API of users, behind an IAM-protected REST API: Lambda entry and composition root. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readTableName } from './config.ts';
import { createDynamoStore } from './dynamo-store.ts';
import { createHandler } from './handler.ts';

// Shorter than API Gateway's 29 seconds, so that a client gets this API's answer and not API Gateway's.
const requestHandler = {
  connectionTimeout: 1000,
  requestTimeout: 3000,
  throwOnRequestTimeout: true,
};
const client = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, maxAttempts: 3 }));

export const handler = createHandler({
  store: createDynamoStore(client, readTableName()),
  now: () => new Date(),
  log: (line) => process.stdout.write(line),
});
