import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

/** Counts of rate limits: one item a counter, gone by itself when its window is over. */
export function createLimitTable(scope: Construct, id: string): Table {
  return new Table(scope, id, {
    partitionKey: { name: 'key', type: AttributeType.STRING },
    timeToLiveAttribute: 'expires_at',
    billingMode: BillingMode.PAY_PER_REQUEST,
    // What it holds is worth nothing a few minutes later.
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
