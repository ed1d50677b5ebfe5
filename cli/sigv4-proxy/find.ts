/** Finds command lines of aws-sigv4-proxy in manifests, Dockerfiles and scripts. */
import { parseAllDocuments } from 'yaml';
import { mergingOptions, toYamlValue } from '../import/yaml-value.ts';
import { CliError } from '../terminal/cli-error.ts';
import { isFlag } from './flags.ts';
import { findProgramWords, isProgram, splitWords } from './words.ts';

/** One process of aws-sigv4-proxy. */
export interface CommandLine {
  /** Name of its container or service; the program's name if it has none. */
  readonly name: string;
  /** The flags and their values. */
  readonly words: readonly string[];
}

const unnamed = 'aws-sigv4-proxy';

/**
 * Reads Kubernetes manifests, Compose files and task definitions of ECS as YAML or JSON, and other texts as a Dockerfile,
 * a unit of systemd or a script.
 * @throws CliError INVALID if nothing in the text starts aws-sigv4-proxy
 */
export function findCommandLines(text: string, source: string): CommandLine[] {
  const values = parseManifests(text);
  const isManifest = values.some((value) => typeof value === 'object' && value !== null);
  const found = isManifest
    ? values.flatMap((value) => findInValue(value, unnamed))
    : findInText(text);
  if (found.length > 0) return found;
  throw new CliError('INVALID', `${source} does not start aws-sigv4-proxy; nothing was written.`, {
    hint: 'Give a manifest, a Dockerfile or a script that does, or the flags themselves behind --.',
  });
}

/** @returns nothing for a text that is no YAML, or in which an anchor is missing, too often used or inside itself */
function parseManifests(text: string): unknown[] {
  const documents = parseAllDocuments(text, mergingOptions);
  if (documents.some(({ errors }) => errors.length > 0)) return [];
  try {
    return documents.map(toYamlValue);
  } catch {
    return [];
  }
}

/** Manifests have their containers less deep. */
const maxDepth = 100;

type Fields = Readonly<Record<string, unknown>>;

function findInValue(value: unknown, name: string, depth = 0): CommandLine[] {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return [];
  if (Array.isArray(value)) return value.flatMap((item) => findInValue(item, name, depth + 1));
  // CloudFormation has the same fields with capital letters.
  const fields: Fields = Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.toLowerCase(), item]),
  );
  const own = findInContainer(fields, name);
  if (own) return [own];
  return Object.entries(value).flatMap(([key, item]) => findInValue(item, key, depth + 1));
}

/** A container has its program in its image or in its words. */
function findInContainer(fields: Fields, key: string): CommandLine | undefined {
  const parts = [fields['entrypoint'], fields['command'], fields['args']];
  const words = parts.flatMap(toWords).map((word) => fillIn(word, fields['env']));
  const behind = findProgramWords(words);
  const { image } = fields;
  const isOurs = behind !== undefined || (typeof image === 'string' && isProgram(image));
  if (!isOurs) return undefined;
  const name = fields['name'] ?? fields['container_name'] ?? key;
  return { name: String(name), words: behind ?? words };
}

function toWords(value: unknown): string[] {
  if (typeof value === 'string') return splitWords(value);
  return Array.isArray(value) ? value.map(String) : [];
}

/** Kubernetes fills in `$(NAME)` from the variables of the container. */
function fillIn(word: string, env: unknown): string {
  if (!Array.isArray(env)) return word;
  return word.replace(/\$\(([\w.-]+)\)/g, (written, name: string) => {
    const variable = (env as readonly Fields[]).find((item) => item?.['name'] === name);
    const value = variable?.['value'];
    return typeof value === 'string' ? value : written;
  });
}

function findInText(text: string): CommandLine[] {
  const lines = text
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line));
  return findInDockerfile(lines) ?? lines.flatMap(findInLine);
}

/** @returns undefined for other texts, or if another program is started */
function findInDockerfile(lines: readonly string[]): CommandLine[] | undefined {
  const find = (name: string) =>
    lines.flatMap((line) => new RegExp(`^\\s*${name}\\s+(.*)$`, 'i').exec(line)?.[1] ?? []).at(-1);
  const from = find('FROM');
  if (from === undefined) return undefined;
  const words = [find('ENTRYPOINT'), find('CMD')].flatMap((part = '') => toInstructionWords(part));
  const behind = findProgramWords(words);
  const image = from.split(/\s/).find(isProgram);
  if (behind === undefined && image === undefined) return undefined;
  return [{ name: unnamed, words: behind ?? words }];
}

/** The form with brackets is JSON, and the other one is a command line. */
function toInstructionWords(text: string): string[] {
  if (!text.trim().startsWith('[')) return splitWords(text);
  try {
    return toWords(JSON.parse(text));
  } catch {
    return splitWords(text);
  }
}

/** `docker build -t aws-sigv4-proxy .` names the program and starts nothing. */
function findInLine(line: string): CommandLine[] {
  const words = findProgramWords(splitWords(line));
  const [first] = words ?? [];
  return words && first !== undefined && isFlag(first) ? [{ name: unnamed, words }] : [];
}
