import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** The DynamoDB table of limits: an existing one, or the one that the construct creates. */
export type LimitTable = ITable | Table;

/** @returns the table that is given, a new one for `true`, or undefined */
export function toLimitTable(
  scope: Construct,
  wanted: boolean | LimitTable | undefined,
): LimitTable | undefined {
  if (wanted === true) return createLimitTable(scope);
  return wanted || undefined;
}

/** Counts of rate limits: one item a counter, gone by itself when its window is over. */
function createLimitTable(scope: Construct): Table {
  return new Table(scope, 'RateLimits', {
    partitionKey: { name: 'key', type: AttributeType.STRING },
    timeToLiveAttribute: 'expires_at',
    billingMode: BillingMode.PAY_PER_REQUEST,
    // What it holds is worth nothing a few minutes later.
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
