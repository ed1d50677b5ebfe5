/** The app that `init` writes, before it becomes files. */
import { toArnPartition } from '../../functions/proxy/sign/partitions.ts';
import { CliError } from '../terminal/cli-error.ts';
import { parseFunction } from './function-name.ts';
import { findRegion, type RawAnswers, type Tool } from './questions.ts';

/** What the proxy of the app calls. */
export type AppUpstream =
  | { readonly kind: 'hello' }
  | { readonly kind: 'function-url'; readonly url: string; readonly function: AppFunction }
  | { readonly kind: 'api'; readonly url: string };

/** The function behind a function URL. */
export interface AppFunction {
  readonly partition: string;
  readonly region: string;
  /** Undefined for the account of the stack. */
  readonly account: string | undefined;
  /** With its alias, if it has one. */
  readonly name: string;
}

/** A small app with one proxy and one route. */
export interface AppPlan {
  /** What deploys it. */
  readonly tool: Tool;
  /** Name of the stack or module, of the package and of the documents' path. */
  readonly name: string;
  /** Id of the route, and name of its file. */
  readonly routeId: string;
  readonly uri: string;
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly upstream: AppUpstream;
}

/** Flags that have a default and no question. */
export interface PlanOptions {
  /** Undefined for the folder's. */
  readonly name: string | undefined;
  /** Name of the folder. */
  readonly folderName: string;
  readonly uri: string | undefined;
}

/**
 * Makes the plan. The answers were checked.
 * @throws CliError USAGE for a name that Terraform's module does not take
 */
export function toAppPlan(answers: RawAnswers, { name, folderName, uri }: PlanOptions): AppPlan {
  const upstream = toUpstream(answers);
  const tool = answers.with as Tool;
  const isModule = tool === 'terraform';
  return {
    tool,
    name: isModule ? toModuleName(name, folderName) : (name ?? toStackName(folderName)),
    routeId: toRouteId(upstream),
    uri: uri ?? (upstream.kind === 'hello' ? '/hello' : '/*'),
    account: answers.account || undefined,
    region: answers.region || undefined,
    upstream,
  };
}

function toUpstream(answers: RawAnswers): AppUpstream {
  const { upstream, url = '' } = answers;
  if (upstream === 'hello') return { kind: 'hello' };
  // The rest of a request's path is appended, so that the base ends with a slash.
  const base = url.endsWith('/') ? url : `${url}/`;
  if (upstream === 'api') return { kind: 'api', url: base };
  const { name = '', alias, account } = parseFunction(answers.function ?? '') ?? {};
  const region = findRegion(url) ?? '';
  const own = {
    partition: toArnPartition(region),
    region,
    account: account ?? (answers.account || undefined),
    name: alias ? `${name}:${alias}` : name,
  };
  return { kind: 'function-url', url: base, function: own };
}

function toRouteId(upstream: AppUpstream): string {
  if (upstream.kind !== 'function-url') return upstream.kind;
  return upstream.function.name.replace(/:.*$/, '');
}

/** CloudFormation's rule for names of stacks: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const stackName = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** @throws CliError USAGE for a name that no stack may have */
export function assertStackName(name: string): string {
  if (stackName.test(name)) return name;
  const expected = 'letters, digits and hyphens, beginning with a letter';
  throw new CliError('USAGE', `--name: found ${JSON.stringify(name)}, expected ${expected}.`);
}

/** The module begins the names of roles and functions with its name. */
function toModuleName(name: string | undefined, folderName: string): string {
  if (name === undefined) {
    return toStackName(folderName).toLowerCase().slice(0, maxModuleName).replace(/-$/, '');
  }
  if (/^[a-z0-9-]+$/.test(name) && name.length <= maxModuleName) return name;
  const expected = `at most ${maxModuleName} characters of a-z 0-9 and - for Terraform`;
  throw new CliError('USAGE', `--name: found ${JSON.stringify(name)}, expected ${expected}.`);
}

const maxModuleName = 31;

/** The name of a folder as the name of a stack. */
function toStackName(folderName: string): string {
  const name = folderName.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^[^A-Za-z]+|-+$/g, '');
  return name.slice(0, 60) || 'countersign-proxy';
}
