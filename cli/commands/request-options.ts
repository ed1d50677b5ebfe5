/** `-H` and `-d`, shared by the commands that take a request. */

import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { token } from '../../functions/proxy/http/token.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { Host } from '../terminal/host.ts';

/** The options `--header` and `--data` as they are given. */
export interface RequestOptions {
  readonly header?: readonly string[];
  readonly data?: string;
}

/** A request's method and URL. */
export interface AskedTarget {
  readonly method: string;
  readonly url: string;
}

/**
 * Adds method, URL, `--header` and `--data` to a command.
 * @param url what the command takes as a URL
 */
export function addRequestOptions(command: Command, url: string): Command {
  return command
    .usage('[options] [method] <url>')
    .argument('[method]', 'HTTP method (GET; with -d POST)')
    .argument('[url]', url)
    .option('-H, --header <header>', "a request header, 'Name: value'; may be repeated", collect)
    .option('-d, --data <data>', 'the request body; @file reads a file, @- standard input');
}

/**
 * Reads method and URL. A URL alone is one, as with curl.
 * @param words the arguments of {@link addRequestOptions}
 * @throws CliError USAGE without a URL, or with the two in the other order
 */
export function readAskedTarget(
  words: readonly (string | undefined)[],
  { data }: RequestOptions,
): AskedTarget {
  const [first = '', second] = words;
  const isUrl = first.includes('/');
  if (second === undefined && isUrl)
    return { method: data === undefined ? 'GET' : 'POST', url: first };
  if (second !== undefined && !(isUrl && token.test(second))) return { method: first, url: second };
  const found = second === undefined ? JSON.stringify(first) : 'the URL before the method';
  const problem = first === '' ? 'found nothing' : `found ${found}`;
  throw new CliError('USAGE', `${problem}, expected a URL, or a method and a URL.`, {
    hint: "For example GET '/orders/7?full=1'",
  });
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/**
 * Reads the values of `--env`.
 * @throws CliError USAGE for what is no name with a value
 */
export function readVariables(pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) return [name, value] as const;
    throw new CliError('USAGE', '--env: expected NAME=VALUE.');
  });
  return Object.fromEntries(entries);
}

/**
 * Reads the bytes that `-d` names.
 * @throws CliError if the file cannot be read
 */
export async function readData(data: string | undefined, host: Host): Promise<Buffer> {
  if (data === undefined) return Buffer.alloc(0);
  if (!data.startsWith('@')) return Buffer.from(data);
  if (data === '@-') return buffer(host.stdin);
  const file = data.slice(1);
  return readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError('USAGE', `-d: ${file} cannot be read (${cause.code}).`, { cause });
  });
}
