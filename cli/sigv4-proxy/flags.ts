/** The flags of aws-sigv4-proxy, in the syntax of its parser (kingpin). */
import { findNearest } from '../check/suggestion.ts';
import { CliError } from '../terminal/cli-error.ts';

/** Values of each flag in their order. A switch has the value `true` or `false`. */
export type Flags = ReadonlyMap<FlagName, readonly string[]>;

const textFlags = [
  ...['port', 'host', 'sign-host', 'name', 'region', 'role-arn', 'custom-headers'],
  ...['duplicate-headers', 'strip', 'strip-header', 'strip-param', 'upstream-url-scheme'],
  ...['transport.idle-conn-timeout', 'rate-limit', 'burst-limit'],
] as const;
const switches = [
  ...['verbose', 'log-failed-requests', 'log-signing-process', 'unsigned-payload'],
  'no-verify-ssl',
] as const;
const shortFlags: Readonly<Record<string, FlagName>> = { v: 'verbose', s: 'strip' };

/** Name of a flag, without the dashes. */
export type FlagName = (typeof textFlags)[number] | (typeof switches)[number];

/**
 * Reads the words behind the program's name.
 * @param place of the words, for messages. A flag's value may be a secret, so that messages name flags alone
 * @throws CliError INVALID for what aws-sigv4-proxy would refuse too
 */
export function parseFlags(words: readonly string[], place: string): Flags {
  const flags = new Map<FlagName, string[]>();
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const flag = findFlag(word);
    if (!flag) throw toUnknown(word, place);
    const value = flag.value ?? left.shift();
    if (value === undefined)
      throw new CliError('INVALID', `${place}: --${flag.name} has no value.`);
    flags.set(flag.name, [...(flags.get(flag.name) ?? []), value]);
  }
  return flags;
}

/** The last value counts, as for the program itself. */
export function lastOf(flags: Flags, name: FlagName): string | undefined {
  return flags.get(name)?.at(-1);
}

/** Whether a switch is on. */
export function isOn(flags: Flags, name: FlagName): boolean {
  return lastOf(flags, name) === 'true';
}

/** Whether a word begins a flag. */
export function isFlag(word: string): boolean {
  return /^-{1,2}[a-z]/i.test(word);
}

interface FoundFlag {
  readonly name: FlagName;
  /** Undefined if the next word is the value. */
  readonly value: string | undefined;
}

function findFlag(word: string): FoundFlag | undefined {
  return word.startsWith('--') ? findLongFlag(word) : findShortFlag(word);
}

/** `-v`, `-s Name` or `-sName`. */
function findShortFlag(word: string): FoundFlag | undefined {
  const [, letter = '', rest = ''] = /^-([a-z])=?(.*)$/i.exec(word) ?? [];
  const name = shortFlags[letter];
  if (name === undefined) return undefined;
  if (!isSwitch(name)) return { name, value: rest || undefined };
  return rest === '' ? { name, value: 'true' } : undefined;
}

/** `--name value`, `--name=value`, or a switch, for each of which kingpin has a `--no-`. */
function findLongFlag(word: string): FoundFlag | undefined {
  const [, name = '', value] = /^--([\w.-]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (isSwitch(name)) return { name, value: value ?? 'true' };
  const negated = name.replace(/^no-/, '');
  if (negated !== name && isSwitch(negated)) return { name: negated, value: 'false' };
  const text = textFlags.find((known) => known === name);
  return text && { name: text, value };
}

function isSwitch(name: string): name is (typeof switches)[number] {
  return switches.some((known) => known === name);
}

function toUnknown(word: string, place: string): CliError {
  const name = word.replace(/=.*$/s, '');
  if (!isFlag(name)) {
    return new CliError(
      'INVALID',
      `${place}: found a word between the flags; nothing was written.`,
      {
        hint: 'aws-sigv4-proxy takes flags only. If the word is a value, put it into quotes.',
      },
    );
  }
  const meant = findNearest(name.replace(/^-+/, ''), [...textFlags, ...switches]);
  const message = `${place}: aws-sigv4-proxy has no flag ${name}; nothing was written.`;
  return new CliError('INVALID', message, meant ? { hint: `Did you mean --${meant}?` } : {});
}
