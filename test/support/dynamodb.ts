/** DynamoDB on loopback with the table that limits count in, and what went over the wire to it. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import dynalite from 'dynalite';
import { listen } from '../../local/http-server.ts';
import { closeAtEnd } from './open-resources.ts';
import { createVerifier } from './upstream.ts';

export interface LimitTableStub {
  readonly url: string;
  /** Operations, in order, with their bodies. */
  readonly calls: { readonly operation: string; readonly body: Record<string, unknown> }[];
  /**
   * An answer instead of DynamoDB's; `hang` sends none.
   * @default undefined
   */
  failure: 'hang' | { readonly status: number; readonly type: string } | undefined;
  items(): Promise<Record<string, Record<string, string>>[]>;
  close(): Promise<void>;
}

export const limitTable = 'countersign-limits';

/** Every call must be signed by the local role. dynalite itself verifies no signatures. */
export async function startLimitTable(): Promise<LimitTableStub> {
  const database = await listen(dynalite({ createTableMs: 0 }));
  const call = (operation: string, input: object) => callDynamoDb(database.url, operation, input);
  await call('CreateTable', {
    TableName: limitTable,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
  });
  const verify = createVerifier('dynamodb');
  const calls: LimitTableStub['calls'] = [];
  const stub = { failure: undefined as LimitTableStub['failure'] };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const { method = '', url: target = '', rawHeaders } = request;
    const { ok } = verify({ method, target, rawHeaders, body });
    const operation = String(request.headers['x-amz-target']).replace('DynamoDB_20120810.', '');
    calls.push({ operation, body: JSON.parse(body.toString()) as Record<string, unknown> });
    const failure = ok ? stub.failure : { status: 400, type: 'UnrecognizedClientException' };
    if (failure === 'hang') return;
    const { status, text } = failure
      ? { status: failure.status, text: JSON.stringify({ __type: `x#${failure.type}` }) }
      : await callDynamoDb(database.url, operation, body);
    response.writeHead(status).end(text);
  };
  const front = createServer((request, response) => {
    void answer(request, response);
  });
  const listening = await listen(front);
  return {
    url: listening.url,
    calls,
    get failure() {
      return stub.failure;
    },
    set failure(failure) {
      stub.failure = failure;
    },
    async items() {
      const { text } = await call('Scan', { TableName: limitTable });
      return (JSON.parse(text) as { Items: Record<string, Record<string, string>>[] }).Items;
    },
    close: closeAtEnd(() => Promise.all([listening.close(), database.close()])),
  };
}

async function callDynamoDb(
  url: string,
  operation: string,
  input: object | Buffer,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      // dynalite requires the parts of a signature, but does not verify them.
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: Buffer.isBuffer(input) ? input.toString() : JSON.stringify(input),
  });
  return { status: response.status, text: await response.text() };
}
