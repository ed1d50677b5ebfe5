import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** The DynamoDB table for the counts of rate limits. */
export type LimitTable = ITable | Table;

/** @returns the given table, a new one for `true`, or undefined */
export function toLimitTable(
  scope: Construct,
  wanted: boolean | LimitTable | undefined,
): LimitTable | undefined {
  if (wanted === true) return createLimitTable(scope);
  return wanted || undefined;
}

/** Creates the table of rate limits. Each counter is one item, and DynamoDB deletes it when its window is over. */
function createLimitTable(scope: Construct): Table {
  return new Table(scope, 'RateLimits', {
    partitionKey: { name: 'key', type: AttributeType.STRING },
    timeToLiveAttribute: 'expires_at',
    billingMode: BillingMode.PAY_PER_REQUEST,
    // The counts are worthless a few minutes later.
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
