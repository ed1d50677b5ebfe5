/** Secrets in Parameter Store, by name and without their values. */
import { paginateDescribeParameters } from '@aws-sdk/client-ssm';
import type { Context } from '../context.ts';
import { assertId } from './files.ts';
import { kinds } from './kinds.ts';
import { readStored } from './stored.ts';

/** A secret below the root, without its value. */
export interface StoredSecret {
  readonly name: string;
  readonly version: number;
  readonly type: string;
  readonly modified: Date | undefined;
}

/** Absolute name of a secret's parameter. */
export function toSecretParameter(context: Context, name: string): string {
  return `${context.settings().root()}/secrets/${assertId(name)}`;
}

/**
 * Lists the secrets below `<root>/secrets/`, without their values (`DescribeParameters`).
 *
 * @throws CliError `AWS`
 */
export async function listSecrets(context: Context): Promise<StoredSecret[]> {
  const path = `${context.settings().root()}/secrets`;
  const secrets: StoredSecret[] = [];
  const filter = { Key: 'Path', Option: 'Recursive', Values: [path] };
  const input = { ParameterFilters: [filter], MaxResults: 50 };
  for await (const page of paginateDescribeParameters({ client: context.ssm() }, input)) {
    for (const { Name = '', Version = 0, Type = '', LastModifiedDate } of page.Parameters ?? []) {
      const name = Name.slice(path.length + 1);
      secrets.push({ name, version: Version, type: Type, modified: LastModifiedDate });
    }
  }
  return secrets.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @returns for each secret's name, the documents that refer to it (`routes/orders`) */
export async function findUses(context: Context): Promise<ReadonlyMap<string, readonly string[]>> {
  const uses = new Map<string, string[]>();
  for (const kind of Object.values(kinds)) {
    for (const { id, value } of await readStored(context, kind)) {
      const names = [...value.matchAll(/"\$secret:\/\/ssm\/([^/"][^"]*)"/gi)];
      for (const name of new Set(names.map(([, found = '']) => found))) {
        uses.set(name, [...(uses.get(name) ?? []), `${kind.name}/${id}`]);
      }
    }
  }
  return uses;
}
