/**
 * Asks IAM's simulator whether the role has the permissions that the routes need. The simulator includes permissions
 * boundaries.
 */
import {
  type ContextEntry,
  GetRoleCommand,
  type IAMClient,
  NoSuchEntityException,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import type { Need } from '../policy/need.ts';
import type { Needs } from '../policy/needs.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { Finding } from './finding.ts';

/** A role, as IAM describes it. */
export interface Role {
  readonly arn: string;
  readonly account: string;
}

/** @throws CliError `NOT_FOUND` */
export async function readRole(iam: IAMClient, name: string): Promise<Role> {
  try {
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    const arn = role?.Arn ?? '';
    return { arn, account: arn.split(':')[4] ?? '' };
  } catch (error) {
    throw error instanceof NoSuchEntityException ? toNotFound(name, error) : error;
  }
}

function toNotFound(name: string, cause: Error): CliError {
  return new CliError('NOT_FOUND', `There is no role ${name} in this account.`, {
    hint: "--role takes the name, not the ARN. To find the proxy's role: aws lambda get-function-configuration --function-name <name> --query Role",
    cause,
  });
}

/** What checking the execution role needs. */
export interface RoleOptions {
  readonly iam: IAMClient;
  readonly roleArn: string;
  readonly needs: Needs;
  /** A command that prints the statements that the role needs. */
  readonly policyCommand: string;
}

/**
 * Asks IAM's policy simulator whether the role has each permission that the routes need. A refusal by IAM becomes a
 * finding.
 */
export async function checkRole(options: RoleOptions): Promise<Finding[]> {
  const { needs, policyCommand } = options;
  const findings: Finding[] = needs.unresolved.map(({ route, host, reason }) => ({
    check: 'role',
    status: 'skipped',
    text: `${route}: ${host}: ${reason}`,
  }));
  let allowed = 0;
  for (const need of needs.role) {
    const decision = await simulate(need, options);
    if (decision === 'refused') {
      const text = 'you may not simulate the role (iam:SimulatePrincipalPolicy)';
      const todo = `Allow your credentials to use it, or print the statements that the role needs: ${policyCommand}`;
      return [...findings, { check: 'role', status: 'skipped', text, todo }];
    }
    if (decision === 'allowed') {
      allowed += 1;
      continue;
    }
    const text = `${need.action} on ${need.resources.join(' or ')}${describeRoutes(need)}: ${decision}`;
    findings.push({
      check: 'role',
      status: 'failed',
      text,
      todo: `Allow it; the statements: ${policyCommand}`,
    });
  }
  const text = `allowed ${allowed} of the ${needs.role.length} actions that the routes need`;
  const isWhole = allowed === needs.role.length;
  return isWhole ? [{ check: 'role', status: 'ok', text }, ...findings] : findings;
}

/** Names the routes that need a statement, in parentheses; an empty text if there are none. */
function describeRoutes({ routes }: Need): string {
  if (routes.length === 0) return '';
  return ` (route${routes.length === 1 ? '' : 's'} ${routes.join(', ')})`;
}

/** @returns `allowed`, IAM's word for a denial, or `refused` if the simulator may not be used */
async function simulate(need: Need, { iam, roleArn }: RoleOptions): Promise<string> {
  let decision = 'implicitDeny';
  for (const resource of need.resources) {
    try {
      const { EvaluationResults } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleArn,
          ActionNames: [need.action],
          ResourceArns: [resource],
          ContextEntries: toContextEntries(need),
        }),
      );
      decision = EvaluationResults?.[0]?.EvalDecision ?? decision;
    } catch (error) {
      if (/AccessDenied/.test((error as Error).name)) return 'refused';
      throw error;
    }
    if (decision === 'allowed') break;
  }
  return decision;
}

/** The values of the condition keys of the action. */
function toContextEntries({ conditions }: Need): ContextEntry[] {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([ContextKeyName, value]) => ({
      ContextKeyName,
      ContextKeyValues: [String(value)],
      ContextKeyType: operator === 'Bool' ? ('boolean' as const) : ('string' as const),
    })),
  );
}
