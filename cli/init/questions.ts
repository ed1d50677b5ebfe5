/** The questions of `init`: each has a flag, and most have a default. */
import { parseEndpointName } from '../../functions/proxy/sign/partitions.ts';
import type { Choice } from '../terminal/host.ts';
import { parseFunction } from './function-name.ts';

/** Answers by the names of their flags, as texts. An empty text leaves the choice to the deployment. */
export type RawAnswers = Readonly<Partial<Record<Flag, string>>>;

/** Names of the flags, without the dashes. */
export type Flag = 'with' | 'upstream' | 'url' | 'function' | 'account' | 'region';

/** A question to the person who runs `init`. */
export interface Question {
  readonly flag: Flag;
  /**
   * @param answers of the questions before
   * @param standard the default, which the prompt shows
   */
  text(answers: RawAnswers, standard: string | undefined): string;
  readonly choices?: readonly Choice[];
  /** The answer by which this question is asked or not. */
  readonly dependsOn?: Flag;
  isAsked(answers: RawAnswers): boolean;
  /** @returns undefined if there is no default */
  standard(answers: RawAnswers, region: string | undefined): string | undefined;
  /** @returns what was expected; undefined if the answer can be used */
  check(text: string, answers: RawAnswers): string | undefined;
}

/** Values of `--with`. */
export const tools = ['cdk', 'sam', 'terraform'] as const;

/** What deploys the app. */
export type Tool = (typeof tools)[number];

/** Values of `--upstream`. */
export const upstreamKinds = ['hello', 'function-url', 'api'] as const;

const always = () => true;
const checkOneOf = (words: readonly string[]) => (text: string) =>
  words.includes(text) ? undefined : words.join(', ');

/** The questions in their order. */
export const questions: readonly Question[] = [
  {
    flag: 'with',
    text: () => 'What do you deploy with?',
    choices: [
      { value: 'cdk', label: 'AWS CDK, in TypeScript' },
      { value: 'sam', label: 'AWS SAM or CloudFormation' },
      { value: 'terraform', label: 'Terraform' },
    ],
    isAsked: always,
    standard: () => 'cdk',
    check: checkOneOf(tools),
  },
  {
    flag: 'upstream',
    text: () => 'What shall the proxy call?',
    choices: [
      { value: 'hello', label: 'nothing of mine yet: add a small function to the app' },
      { value: 'function-url', label: 'a Lambda function URL with IAM authorization' },
      { value: 'api', label: 'an API of API Gateway with IAM authorization' },
    ],
    isAsked: always,
    standard: () => 'hello',
    check: checkOneOf(upstreamKinds),
  },
  {
    flag: 'url',
    text: ({ upstream }) => (upstream === 'api' ? 'URL of the API, with its stage:' : 'Its URL:'),
    dependsOn: 'upstream',
    isAsked: ({ upstream }) => upstream === 'function-url' || upstream === 'api',
    standard: () => undefined,
    check: checkUrl,
  },
  {
    flag: 'function',
    text: () => 'Name or ARN of the function behind it (IAM grants by function, not by URL):',
    dependsOn: 'upstream',
    isAsked: ({ upstream }) => upstream === 'function-url',
    standard: () => undefined,
    check: checkFunction,
  },
  {
    flag: 'account',
    text: (_, standard) => `Account of the proxy, twelve digits${ofCredentials(standard)}:`,
    dependsOn: 'with',
    // SAM deploys to the account of the credentials, and a template cannot refuse another one.
    isAsked: ({ with: tool }) => tool !== 'sam',
    standard: (answers) => parseFunction(answers.function ?? '')?.account ?? '',
    check: (text) => (/^(\d{12})?$/.test(text) ? undefined : 'twelve digits'),
  },
  {
    flag: 'region',
    text: (_, standard) => `Region of the proxy${ofCredentials(standard)}:`,
    isAsked: always,
    standard: ({ url = '' }, region) => findRegion(url) ?? region ?? '',
    check: (text) =>
      /^([a-z]{2,4}(-[a-z]+){1,3}-\d{1,2})?$/.test(text) ? undefined : 'a Region such as eu-west-1',
  },
];

/** What Enter means where there is no default to show. */
function ofCredentials(standard: string | undefined): string {
  return standard ? '' : ' (Enter: the one of your credentials)';
}

/** The Region in the host name of an AWS URL. */
export function findRegion(url: string): string | undefined {
  return URL.canParse(url) ? parseEndpointName(new URL(url).hostname)?.region : undefined;
}

/** The construct takes the same form of URL: no port, query or user, and a path that a URL parser leaves as it is. */
function checkUrl(text: string, { upstream }: RawAnswers): string | undefined {
  const isApi = upstream === 'api';
  const expected = isApi
    ? 'https://<api id>.execute-api.<region>.amazonaws.com/<stage>'
    : 'https://<url id>.lambda-url.<region>.on.aws/';
  const [, path = '/'] = /^https:\/\/[^/?#@:]+(\/[\w.~%/-]*)?$/i.exec(text) ?? [];
  if (!URL.canParse(text) || new URL(text).pathname !== path) return expected;
  const endpoint = parseEndpointName(new URL(text).hostname);
  const isRight = endpoint?.isUpstream && endpoint.service === (isApi ? 'execute-api' : 'lambda');
  return isRight ? undefined : expected;
}

function checkFunction(text: string, { url = '' }: RawAnswers): string | undefined {
  const parsed = parseFunction(text);
  if (!parsed) return 'a name, or arn:aws:lambda:<region>:<account>:function:<name>';
  const region = findRegion(url);
  const isSame = parsed.region === undefined || region === undefined || parsed.region === region;
  return isSame ? undefined : `a function in ${region}, the Region of its URL`;
}
