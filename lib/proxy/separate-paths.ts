import { Stack, Stage, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

interface Proxy {
  readonly construct: Construct;
  readonly path: string;
}

/** The proxies of each app. */
const proxies = new WeakMap<IConstruct, Proxy[]>();

/**
 * Throws if another proxy of the app has the same parameter path, or one of the two paths is inside the other: each
 * proxy would read documents of the other. Paths that are known only at deployment are not checked.
 */
export function assertSeparatePath(construct: Construct, path: string): void {
  if (Token.isUnresolved(path)) return;
  const { root } = construct.node;
  const others = proxies.get(root) ?? [];
  for (const other of others) {
    if (!isWithin(path, other.path) && !isWithin(other.path, path)) continue;
    if (!isSameEnvironment(construct, other.construct)) continue;
    const relation = path === other.path ? 'the same as' : 'inside or around';
    throw new Error(
      `parameterPath ${JSON.stringify(path)} of ${construct.node.path} is ${relation} ` +
        `${JSON.stringify(other.path)} of ${other.construct.node.path}: each proxy would read documents of the other. ` +
        'Give each a path of its own.',
    );
  }
  proxies.set(root, [...others, { construct, path }]);
}

function isWithin(path: string, root: string): boolean {
  return `${path}/`.startsWith(`${root}/`);
}

/**
 * Whether two constructs are deployed to the same account and Region, as far as this is known. Two stacks without an
 * environment count as the same, unless they belong to different stages, which are deployed one by one.
 */
function isSameEnvironment(one: Construct, other: Construct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  if (!isSame(a.account, b.account) || !isSame(a.region, b.region)) return false;
  const isKnown = !Token.isUnresolved(a.account) && !Token.isUnresolved(a.region);
  return isKnown || Stage.of(one) === Stage.of(other);
}

function isSame(one: string, other: string): boolean {
  const isLate = Token.isUnresolved(one);
  return isLate === Token.isUnresolved(other) && (isLate || one === other);
}
