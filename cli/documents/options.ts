/** Options that several commands share. */
import { Argument, InvalidArgumentError, Option } from 'commander';
import { tierNames } from '../store/write.ts';
import type { Kind } from './kinds.ts';

/** The options of commands that write documents, as they are given. */
export interface WritingOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly reveal?: boolean;
  readonly tier?: keyof typeof tierNames;
  readonly keyId?: string;
  readonly verbose?: boolean;
}

/** The option `--yes`. */
export const yes = () => new Option('-y, --yes', 'do not ask');
/** The option `--verbose`, of commands whose plan may have many documents. */
export const verbose = () =>
  new Option('-v, --verbose', 'show the texts of new documents, however many there are');
/** The option `--force`. */
export const force = () =>
  new Option('--force', 'write over a version other than the one that was read');
/** The option `--dry-run`. */
export const dryRun = () => new Option('--dry-run', 'show the plan and write nothing');
/** The option `--reveal`. */
export const reveal = () => new Option('--reveal', 'show secret values');
/** The option `--tier`. */
export const tier = () =>
  new Option('--tier <tier>', 'tier of the parameter; advanced where a value needs it').choices(
    Object.keys(tierNames),
  );
/** The option `--key-id`. */
export const keyId = () => new Option('--key-id <key>', 'KMS key to encrypt with');

/** The options of all writing commands of a kind. */
export function writingOptions(kind: Kind): Option[] {
  const all = [dryRun(), force(), reveal(), tier()];
  return kind.type === 'SecureString' ? [...all, keyId()] : all;
}

/** The id as an argument of commander. */
export function idArgument({ idName, singular, exampleId }: Kind): Argument {
  return new Argument(`<${idName}>`, `of the ${singular}, such as ${exampleId}`);
}

/** @returns what {@link runPlan} takes */
export function toRunOptions({ tier: name, ...options }: WritingOptions) {
  return { ...options, tier: name === undefined ? undefined : tierNames[name] };
}

/**
 * Parses a version number of Parameter Store.
 *
 * @throws InvalidArgumentError of commander
 */
export function parseVersion(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a version, such as 3.');
}
