/** The Terraform module as data, by the parser of HCL. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// Its declarations would give the whole project the types of a browser.
const { parse } = createRequire(import.meta.filename)('@cdktn/hcl2json') as {
  parse(name: string, text: string): Promise<Record<string, Hcl>>;
};
const parsedTexts = new Map<string, Promise<Record<string, Hcl>>>();

/** Parses each text once: the parser is slow, and apps of several tests have the same module. */
function parseOnce(name: string, text: string): Promise<Record<string, Hcl>> {
  const parsed = parsedTexts.get(text) ?? parse(name, text);
  parsedTexts.set(text, parsed);
  return parsed;
}

/** Expressions are texts: `${var.name}`. */
export type Hcl = null | boolean | number | string | Hcl[] | { readonly [key: string]: Hcl };
type Block = Readonly<Record<string, Hcl>>;

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: string;
  readonly actions: readonly string[];
  /** A list of texts, or an expression for the whole list. */
  readonly resources: Hcl;
  /** `<test> <variable>`, with the values. */
  readonly conditions: readonly (readonly [string, Hcl])[];
}

export interface TerraformModule {
  readonly files: readonly string[];
  /** The only block at a path, such as `module`, `proxy`. */
  readBlock(...path: string[]): Block;
  /** Types and names of all resources and data sources: `aws_s3_bucket.snapshot`, `data.aws_region.current`. */
  listResources(): readonly string[];
  /** The only resource of a type and name. */
  readResource(type: string, name: string): Block;
  /** A value of `locals`. */
  readLocal(name: string): Hcl;
  readVariables(): Readonly<Record<string, Block>>;
  /** The conditions that a variable has to fulfil, as they are written. */
  readConditions(variable: string): readonly string[];
  /** The statements of a policy document, and of those that it is based on. */
  readStatements(name: string): Statement[];
  /** All text of the module. */
  readonly text: string;
}

/** Reads the module in a folder. Throws on text that is no HCL. */
export async function readModule(folder: string): Promise<TerraformModule> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.tf'));
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  const parsed = await Promise.all(files.map((name, i) => parseOnce(name, texts[i] ?? '')));
  const find = (...path: string[]): Block => {
    const found = parsed.flatMap((file) => {
      let value: unknown = file;
      for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key];
      return value === undefined ? [] : [value].flat();
    });
    if (found.length !== 1) throw new Error(`${path.join('.')}: ${found.length} blocks`);
    return found[0] as Block;
  };
  const readVariables = (): Record<string, Block> =>
    Object.assign({}, ...parsed.map((file) => toFirst((file['variable'] ?? {}) as object)));
  return {
    ...{ files, text: texts.join('\n') },
    readBlock: find,
    listResources: () =>
      ['resource', 'data'].flatMap((kind) =>
        parsed.flatMap((file) =>
          Object.entries((file[kind] ?? {}) as Record<string, object>).flatMap(([type, names]) =>
            Object.keys(names).map((name) => `${kind === 'data' ? 'data.' : ''}${type}.${name}`),
          ),
        ),
      ),
    readResource: (type, name) => find('resource', type, name),
    readLocal: (name) => {
      const all = parsed.flatMap((file) => [file['locals'] ?? []].flat()) as Block[];
      return all.find((block) => name in block)?.[name] ?? null;
    },
    readVariables,
    readConditions: (variable) =>
      toBlocks(readVariables()[variable]?.['validation']).map(({ condition }) => String(condition)),
    readStatements: (name) => {
      const document = find('data', 'aws_iam_policy_document', name);
      return toBlocks(document['statement']).map(toStatement).concat(toDynamic(document));
    },
  };
}

function toFirst(blocks: object): Record<string, Block> {
  return Object.fromEntries(Object.entries(blocks).map(([name, [block]]) => [name, block]));
}

function toBlocks(value: Hcl | undefined): Block[] {
  return [value ?? []].flat() as Block[];
}

function toDynamic(document: Block): Statement[] {
  const dynamic = document['dynamic'] as { statement?: Hcl } | undefined;
  return toBlocks(dynamic?.statement).flatMap(({ content }) => toBlocks(content).map(toStatement));
}

function toStatement({ sid, effect, actions, resources, condition }: Block): Statement {
  return {
    sid: typeof sid === 'string' ? sid : undefined,
    effect: String(effect ?? 'Allow'),
    actions: [...(actions as string[])].sort(),
    resources: resources ?? null,
    conditions: toBlocks(condition).map(({ test, variable, values }) => [
      `${test} ${variable}`,
      values ?? null,
    ]),
  };
}
