/** A role and all the policies that are on it, from IAM. */
import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  NoSuchEntityException,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam';
import { CliError } from '../terminal/cli-error.ts';
import type { RolePolicy } from './compare.ts';

/** A role, as IAM describes it. */
export interface Role {
  readonly arn: string;
  readonly account: string;
  /** ARN of the permissions boundary, which may take away what policies give. */
  readonly boundary: string | undefined;
}

/** @throws CliError `NOT_FOUND` */
export async function readRole(iam: IAMClient, name: string): Promise<Role> {
  try {
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    const arn = role?.Arn ?? '';
    const boundary = role?.PermissionsBoundary?.PermissionsBoundaryArn;
    return { arn, account: arn.split(':')[4] ?? '', boundary };
  } catch (error) {
    throw error instanceof NoSuchEntityException ? toNotFound(name, error) : error;
  }
}

function toNotFound(name: string, cause: Error): CliError {
  return new CliError('NOT_FOUND', `There is no role ${name} in this account.`, {
    hint: "--role takes the name, not the ARN. The proxy's: aws lambda get-function-configuration --function-name <name> --query Role",
    cause,
  });
}

/** Inline and attached, each as JSON. */
export async function readRolePolicies(iam: IAMClient, name: string): Promise<RolePolicy[]> {
  const policies: RolePolicy[] = [];
  // The SDK's paginators write into the input that they are given: each gets one of its own.
  const of = () => ({ RoleName: name });
  for await (const page of paginateListRolePolicies({ client: iam }, of())) {
    for (const PolicyName of page.PolicyNames ?? []) {
      const answer = await iam.send(new GetRolePolicyCommand({ ...of(), PolicyName }));
      policies.push({ name: PolicyName, document: parseDocument(answer.PolicyDocument) });
    }
  }
  for await (const page of paginateListAttachedRolePolicies({ client: iam }, of())) {
    for (const { PolicyName = '', PolicyArn = '' } of page.AttachedPolicies ?? []) {
      policies.push({ name: PolicyName, document: await readManaged(iam, PolicyArn) });
    }
  }
  return policies;
}

async function readManaged(iam: IAMClient, PolicyArn: string): Promise<unknown> {
  const { Policy: policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = policy?.DefaultVersionId;
  const answer = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return parseDocument(answer.PolicyVersion?.Document);
}

/** IAM hands documents out percent-encoded (RFC 3986). */
function parseDocument(text = '{}'): unknown {
  return JSON.parse(decodeURIComponent(text));
}
