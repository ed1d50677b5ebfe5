/** Flags that strip, copy and add headers, and what they limit. */
import { isDropped } from '../../functions/proxy/http/header-names.ts';
import { token } from '../../functions/proxy/http/token.ts';
import { toPlainId } from '../import/conversion.ts';
import type { Flags } from './flags.ts';

/** What becomes of the flags. */
export interface ConvertedHeaders {
  /** Settings of `authorization`. */
  readonly authorization: Readonly<Record<string, unknown>>;
  /** Settings of `proxy-rewrite`, if the route needs it. */
  readonly rewrite: Readonly<Record<string, unknown>> | undefined;
  readonly remarks: readonly string[];
  /** What reaches the upstream without the flags, as sentences. */
  readonly wider: readonly string[];
}

/** @param id of the route, after which the secret of its API key is named */
export function convertHeaders(flags: Flags, id: string): ConvertedHeaders {
  const list = (name: Parameters<Flags['get']>[0]) => flags.get(name) ?? [];
  const stripped = [...list('strip'), ...list('strip-header')];
  const copied = list('duplicate-headers');
  const custom = convertCustom(list('custom-headers').at(-1) ?? '', id);
  // The program deletes first and copies then. It never sends the client's own Authorization under that name.
  const isKept = copied.some(isAuthorization) && !stripped.some(coversAuthorization);
  const others = copied.filter((name) => !isAuthorization(name));
  const passing = stripped.filter((name) => !isDroppedHere(name));
  const removed = passing.filter((name) => token.test(name) && !name.endsWith('*'));
  return {
    rewrite: toRewrite({ set: custom.set, remove: removed }),
    authorization: { ...custom.settings, ...(!isKept && { forward_as: '' }) },
    remarks: [
      ...custom.remarks,
      ...others.map(
        (name) =>
          `--duplicate-headers ${name} is left out: only Authorization is sent on by another name`,
      ),
    ],
    wider: [
      ...passing.flatMap((name) =>
        removed.includes(name)
          ? []
          : [`clients could send the upstream headers that fit ${name}, which were stripped`],
      ),
      ...list('strip-param').map(
        (name) => `clients could send the upstream the parameter ${name}, which was stripped`,
      ),
      ...(Number(list('rate-limit').at(-1) ?? 0) > 0
        ? ['--rate-limit is gone; limit-count or limit-req of this proxy limit requests']
        : []),
    ],
  };
}

const isAuthorization = (name: string) => name.toLowerCase() === 'authorization';
const coversAuthorization = (name: string) =>
  name.endsWith('*')
    ? 'authorization'.startsWith(name.slice(0, -1).toLowerCase())
    : isAuthorization(name);

/** A `*` at the end stands for any rest: the proxy must drop all of these, and not one of them. */
function isDroppedHere(name: string): boolean {
  const [plain, example] = [name.toLowerCase().replace(/\*$/, ''), `${name.replace(/\*$/, '')}any`];
  return name.endsWith('*') ? isDropped(example.toLowerCase()) : isDropped(plain);
}

interface HeaderChanges {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

function toRewrite({ set, remove }: HeaderChanges): ConvertedHeaders['rewrite'] {
  const headers = {
    ...(Object.keys(set).length > 0 && { set }),
    ...(remove.length > 0 && { remove: [...new Set(remove)] }),
  };
  return Object.keys(headers).length > 0 ? { headers } : undefined;
}

interface ConvertedCustom {
  readonly settings: Readonly<Record<string, unknown>>;
  /** Headers that `proxy-rewrite` sets. */
  readonly set: HeaderChanges['set'];
  readonly remarks: readonly string[];
}

/** Values may be secrets, so that remarks name headers alone, and a document refers to the value. */
function convertCustom(text: string, id: string): ConvertedCustom {
  const names = text.split(',').flatMap((pair) => /^([^=]+)=/.exec(pair)?.[1]?.trim() ?? []);
  const keys = names.filter(isApiKey);
  const others = names.filter((name) => !isApiKey(name));
  const isSettable = (name: string) => token.test(name) && !isDropped(name.toLowerCase());
  const secretOf = (name: string) =>
    isApiKey(name) ? `${id}-api-key` : toPlainId(`${id}-${name.toLowerCase()}`);
  const toReference = (name: string) => `$secret://ssm/${secretOf(name)}`;
  const toRemark = (name: string) => {
    const what = isApiKey(name) ? 'the API key' : `the value of the header ${name}`;
    return `${what} becomes the secret ${secretOf(name)}, and replaces a client's: set it by npx countersign secrets set ${secretOf(name)}`;
  };
  return {
    settings: Object.fromEntries(keys.slice(0, 1).map((name) => ['apikey', toReference(name)])),
    set: Object.fromEntries(
      others.filter(isSettable).map((name) => [name, toReference(name)] as const),
    ),
    remarks: names.map((name) =>
      isApiKey(name) || isSettable(name)
        ? toRemark(name)
        : `--custom-headers ${name} is left out: the proxy alone decides about this header`,
    ),
  };
}

const isApiKey = (name: string) => name.toLowerCase() === 'x-api-key';
