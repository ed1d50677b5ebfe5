/** TypeScript sources as syntax trees. TypeScript 7 has no compiler API. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from '@babel/parser';

/** The repository. */
export const root = join(import.meta.dirname, '..', '..');

/** A node of Babel's syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A file and its tree. */
export interface Source {
  /** Below the repository: `lib/index.ts`. */
  readonly file: string;
  readonly text: string;
  readonly program: SyntaxNode;
}

/** Reads a text file of the repository. */
export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** A file that is not parsed yet. */
export type SourceText = Pick<Source, 'file' | 'text'>;

/** Reads each source below a folder of the repository. */
export function readTexts(folder: string): readonly SourceText[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => ({ file: `${folder}/${name}`, text: read(`${folder}/${name}`) }));
}

/** Parsing takes most of the time of the contract, so only what is asked for is parsed. */
export function parseSource({ file, text }: SourceText): Source {
  const { program } = parse(text, { sourceType: 'module', plugins: ['typescript'] });
  return { file, text, program: program as unknown as SyntaxNode };
}

/** The node in a field; throws if there is none. */
export function childOf(node: SyntaxNode, field: string): SyntaxNode {
  const child = node[field];
  if (isNode(child)) return child;
  throw new Error(`${node.type} has no ${field}`);
}

/** The nodes in a field that holds one or several, or none. */
export function childrenOf(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  const value = node[field];
  return (Array.isArray(value) ? value : [value]).filter(isNode);
}

/** The node itself and all below it. */
export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) yield* walk(child);
  }
}

/** The name of an identifier, a quoted key or a property; '' for anything else. */
export function nameOf(node: SyntaxNode | undefined): string {
  if (node?.type === 'Identifier') return String(node['name']);
  if (node?.type === 'StringLiteral') return String(node['value']);
  return '';
}

/** The source text of a node on one line, without what a reader of the type does not need. */
export function textOf(node: SyntaxNode, { text }: Source): string {
  return text
    .slice(node.start, node.end)
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replace(/\s+/g, ' ')
    .replace(/\breadonly /g, '')
    .replace(/[;,] ([)}\]])/g, ' $1')
    .trim();
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof Object(value).type === 'string';
}
