/**
 * Counts in a DynamoDB table, for all environments together. The table's partition key is `key`, a string; items carry
 * `expires_at`, for its time to live.
 */
import { createHash } from 'node:crypto';
import { AwsServiceError, createAwsCall } from '../../../send/aws-json.ts';
import type { PluginServices } from '../../plugin.ts';

/** DynamoDB's notation of an item, as far as limits need it. */
export type Item = Readonly<Record<string, { readonly N?: string; readonly SS?: string[] }>>;

/** An `UpdateItem` of DynamoDB: update expression, condition expression and their values. */
export interface Update {
  readonly update: string;
  readonly condition?: string;
  /** By the names of the placeholders in `update` and `condition`, with the colon. */
  readonly values: Item;
}

/**
 * The DynamoDB table that limits count in. Its calls reject with `AwsServiceError` for DynamoDB's own errors, and
 * with `ProxyError` when DynamoDB does not respond in time.
 */
export interface LimitTable {
  /** @returns the item as it is now; undefined when the condition does not hold */
  update(key: string, update: Update): Promise<Item | undefined>;
}

/** A decision that takes longer is none; the route's own time goes on running meanwhile. */
const callTimeoutMs = 1000;
/** Connections are few: most environments of Lambda have one request at a time. */
const poolSize = 5;

/** @returns undefined where no table is configured; its method throws AwsServiceError or ProxyError */
export function findTable(services: PluginServices): LimitTable | undefined {
  const { limits } = services;
  const { table, share } = limits;
  if (table === undefined) return undefined;
  const create = () => createTable(table, services);
  return share ? share('limit table', create) : create();
}

/** @returns a digest of the parts, so that values of clients give keys of a fixed length */
export function toItemKey(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Clocks differ: an item outlives what it holds by that much. */
const keptSeconds = 60;

/** @returns the value of `expires_at` for an item that nothing asks for after a point in time */
export function toExpiry(endsMs: number): { readonly N: string } {
  return { N: String(Math.ceil(endsMs / 1000) + keptSeconds) };
}

function createTable(tableName: string, services: PluginServices): LimitTable {
  const { limits, region, credentials, now } = services;
  const call = createAwsCall({
    ...{ endpoint: limits.endpoint, region, service: 'dynamodb', poolSize, now },
    ...{ target: 'DynamoDB_20120810', version: '1.0', credentials: credentials.execution },
  });
  return {
    async update(key, { update, condition, values }) {
      const input = {
        TableName: tableName,
        Key: { key: { S: key } },
        UpdateExpression: update,
        ...(condition === undefined ? {} : { ConditionExpression: condition }),
        ExpressionAttributeValues: values,
        // Reading would be another permission of the role's.
        ReturnValues: 'ALL_NEW',
      };
      try {
        const answer = await call('UpdateItem', input, callTimeoutMs);
        return (answer['Attributes'] ?? {}) as Item;
      } catch (error) {
        const isRefused =
          error instanceof AwsServiceError && error.type === 'ConditionalCheckFailedException';
        if (isRefused) return undefined;
        throw error;
      }
    },
  };
}

/** @returns a number attribute; 0 where it is missing */
export function readNumber(item: Item, name: string): number {
  return Number(item[name]?.N ?? 0);
}
