/** What is needed against what a role's policies say. Pure; boundaries and organisations' policies are not seen here. */
import type { Need } from './need.ts';

/** A policy of a role, parsed from JSON. */
export interface RolePolicy {
  readonly name: string;
  readonly document: unknown;
}

/** What a role has, compared with what the routes need. */
export interface Comparison {
  readonly missing: readonly Gap[];
  /** A condition, or a form of statement that is not read here, may allow it. */
  readonly unclear: readonly Gap[];
  /** Allowed, and needed by no route in force. */
  readonly superfluous: readonly Grant[];
  /** Needed, and allowed for more than that. */
  readonly wide: readonly Grant[];
}

/** A need that the role's policies do not clearly fulfil. */
export interface Gap {
  readonly need: Need;
  readonly reason: string;
}

/** An action on a resource that a policy allows. */
export interface Grant {
  readonly policy: string;
  readonly action: string;
  readonly resource: string;
}

interface Statement {
  readonly policy: string;
  readonly isAllow: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** `NotAction` and `NotResource` are not followed. */
  readonly isReadable: boolean;
}

/** Services that the proxy's calls are about; what a role may do elsewhere is not judged. */
const judged = /^(lambda|execute-api|sts|ssm|kms|secretsmanager|dynamodb|s3):/;
/** A role that may read the tree may read its parameters one by one as well. */
const sameAsTree = /^ssm:GetParameters?$/i;

/**
 * Compares needs with a role's policies. A need is `unclear` where only a statement with a condition or form that this
 * code cannot evaluate may allow it or deny it.
 */
export function comparePolicies(
  needs: readonly Need[],
  policies: readonly RolePolicy[],
): Comparison {
  const statements = policies.flatMap(readStatements);
  const missing: Gap[] = [];
  const unclear: Gap[] = [];
  for (const need of needs) {
    const verdict = judge(need, statements);
    if (verdict === 'granted') continue;
    (verdict.isSure ? missing : unclear).push({ need, reason: verdict.reason });
  }
  const allows = statements.filter(({ isAllow, isReadable }) => isAllow && isReadable);
  return {
    missing,
    unclear,
    superfluous: allows.flatMap((statement) => findSuperfluous(statement, needs)),
    wide: allows.flatMap(toGrants).filter((grant) => isUsed(grant, needs) && isWider(grant, needs)),
  };
}

/** Actions without any use, and resources without any: a statement's lists are written for one another. */
function findSuperfluous(statement: Statement, needs: readonly Need[]): Grant[] {
  const grants = toGrants(statement);
  const used = grants.filter((grant) => isUsed(grant, needs) || isOfTree(grant, needs));
  const actions = new Set(used.map(({ action }) => action));
  const resources = new Set(used.map(({ resource }) => resource));
  return grants.filter(({ action, resource }) => !actions.has(action) || !resources.has(resource));
}

function isUsed(grant: Grant, needs: readonly Need[]): boolean {
  return needs.some((need) => covers(grant, need));
}

type Judgement = 'granted' | { readonly isSure: boolean; readonly reason: string };

function judge(need: Need, statements: readonly Statement[]): Judgement {
  const about = statements.filter((statement) => concerns(statement, need));
  const denial = about.find(({ isAllow }) => !isAllow);
  if (denial) {
    const isSure = denial.isReadable && Object.keys(denial.conditions).length === 0;
    const reason = `${denial.policy} ${isSure ? 'denies it' : 'may deny it'}`;
    return { isSure, reason };
  }
  const allows = about.filter(({ isAllow }) => isAllow);
  if (allows.some(({ isReadable, conditions }) => isReadable && areMet(conditions, need))) {
    return 'granted';
  }
  const [first] = allows;
  if (!first) return { isSure: true, reason: 'no statement allows it' };
  return { isSure: false, reason: `${first.policy} may allow it, by a condition` };
}

function concerns(statement: Statement, need: Need): boolean {
  const { actions, resources, isReadable } = statement;
  if (!isReadable) return actions.length === 0 || actions.some((one) => matches(one, need.action));
  return (
    actions.some((action) => matches(action, need.action)) &&
    resources.some((resource) => need.resources.some((wanted) => matches(resource, wanted)))
  );
}

function covers(grant: Grant, { action, resources }: Need): boolean {
  return (
    matches(grant.action, action) && resources.some((wanted) => matches(grant.resource, wanted))
  );
}

function isWider({ action, resource }: Grant, needs: readonly Need[]): boolean {
  return !needs.some(
    (need) =>
      matches(need.action, action) && need.resources.some((wanted) => matches(wanted, resource)),
  );
}

function isOfTree({ action, resource }: Grant, needs: readonly Need[]): boolean {
  const tree = needs.find((need) => need.action === 'ssm:GetParametersByPath');
  return sameAsTree.test(action) && tree?.resources.includes(resource) === true;
}

function toGrants({ policy, actions, resources }: Statement): Grant[] {
  return actions
    .filter((action) => judged.test(action.toLowerCase()) || action === '*')
    .flatMap((action) => resources.map((resource) => ({ policy, action, resource })));
}

/** Every condition of the statement is one that the request is known to meet. */
function areMet(conditions: Statement['conditions'], need: Need): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, value]) => {
      const known = need.conditions[operator]?.[key];
      const allowed = (Array.isArray(value) ? value : [value]).map(String);
      return known !== undefined && allowed.includes(String(known));
    }),
  );
}

/**
 * Whether an IAM pattern takes in all that `text` stands for, which may be a pattern itself: its `*` and `?` are then
 * characters that only wildcards of the other one match.
 */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 'is').test(text);
}

function readStatements({ name, document }: RolePolicy): Statement[] {
  return toList((document as { readonly Statement?: unknown } | null)?.Statement).map(
    (statement): Statement => {
      const { Effect, Action, Resource, Condition, NotAction, NotResource } = statement as Record<
        string,
        unknown
      >;
      return {
        policy: name,
        isAllow: Effect === 'Allow',
        actions: toList(Action).map(String),
        resources: toList(Resource).map(String),
        conditions: (Condition ?? {}) as Statement['conditions'],
        isReadable: NotAction === undefined && NotResource === undefined,
      };
    },
  );
}

function toList(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
