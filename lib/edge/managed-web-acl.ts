import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/**
 * A web ACL for any API: AWS's lists of bad addresses and of known bad input, and a limit for each address. It does not
 * contain the common rule set, which refuses bodies above 8 KB.
 */
export function createManagedWebAcl(scope: Construct, id: string, requests: number): CfnWebACL {
  const toVisibility = (metricName: string) => ({
    cloudWatchMetricsEnabled: true,
    metricName,
    sampledRequestsEnabled: false,
  });
  const lists = ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet'];
  return new CfnWebACL(scope, id, {
    scope: 'CLOUDFRONT',
    description: 'In front of a Countersign signing proxy',
    defaultAction: { allow: {} },
    visibilityConfig: toVisibility('Countersign'),
    rules: [
      {
        name: 'RequestsOfOneAddress',
        priority: 0,
        action: { block: { customResponse: { responseCode: 429 } } },
        statement: {
          rateBasedStatement: { limit: requests, aggregateKeyType: 'IP', evaluationWindowSec: 300 },
        },
        visibilityConfig: toVisibility('RequestsOfOneAddress'),
      },
      ...lists.map((name, index) => ({
        name,
        priority: index + 1,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
        visibilityConfig: toVisibility(name),
      })),
    ],
  });
}
