import { type Listening, listen } from '../http-server.ts';

/** The definition of a table. Both keys are strings. */
export interface TableDefinition {
  readonly tableName: string;
  readonly partitionKey: string;
  readonly sortKey: string;
}

/** Starts an in-memory DynamoDB with one empty table. It is npm's `dynalite`, which verifies no signatures. */
export async function startDynamoDb(table: TableDefinition): Promise<Listening> {
  // Loaded here: it takes a tenth of a second, and the CLI needs it for one command alone.
  const { default: dynalite } = await import('dynalite');
  const server = await listen(dynalite({ createTableMs: 0 }));
  try {
    await createTable(server.url, table);
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

async function createTable(url: string, definition: TableDefinition): Promise<void> {
  const { tableName, partitionKey, sortKey } = definition;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.CreateTable',
      'x-amz-date': '20260101T000000Z',
      // dynalite requires the parts of a signature, but does not verify them.
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [partitionKey, sortKey].map((name) => ({
        AttributeName: name,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
    }),
  });
  if (!response.ok) throw new Error(`DynamoDB refused a table: ${await response.text()}`);
}
