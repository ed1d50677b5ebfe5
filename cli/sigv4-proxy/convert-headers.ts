/** Flags that strip, copy and add headers, and what they limit. */
import { isDropped } from '../../functions/proxy/http/header-names.ts';
import type { Flags } from './flags.ts';

/** What becomes of the flags. */
export interface ConvertedHeaders {
  /** Settings of `authorization`. */
  readonly authorization: Readonly<Record<string, unknown>>;
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
  return {
    authorization: { ...custom.settings, ...(!isKept && { forward_as: '' }) },
    remarks: [
      ...custom.remarks,
      ...others.map(
        (name) =>
          `--duplicate-headers ${name} is left out: only Authorization is sent on by another name`,
      ),
    ],
    wider: [
      ...passing.map(
        (name) => `clients could send the upstream the header ${name}, which was stripped`,
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

interface ConvertedCustom {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly remarks: readonly string[];
}

/** Values may be secrets, so that remarks name headers alone, and a document refers to the value. */
function convertCustom(text: string, id: string): ConvertedCustom {
  const names = text.split(',').flatMap((pair) => /^([^=]+)=/.exec(pair)?.[1]?.trim() ?? []);
  const secret = `${id}-api-key`;
  const hasKey = names.some((name) => name.toLowerCase() === 'x-api-key');
  const remarks = names.map((name) =>
    name.toLowerCase() === 'x-api-key'
      ? `the API key becomes the secret ${secret}, and replaces a client's: set its value by npx countersign secrets set ${secret}`
      : `--custom-headers ${name} is left out: the upstream gets no such header from the proxy`,
  );
  return { settings: hasKey ? { apikey: `$secret://ssm/${secret}` } : {}, remarks };
}
