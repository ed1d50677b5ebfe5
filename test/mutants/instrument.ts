/** Source → the same source with every mutant of it, each of which sleeps until it is named. */
import { parse } from '@babel/parser';
import { type SyntaxNode, toMutations } from './mutations.ts';

/** One mutant of a file. */
export interface Mutant {
  readonly id: number;
  readonly file: string;
  readonly line: number;
  /** The source line, trimmed; with `was`, `now` and `nth` it names the mutant when lines have moved. */
  readonly text: string;
  readonly was: string;
  readonly now: string;
  /** Which one it is, of those with the same line, `was` and `now`. */
  readonly nth: number;
}

/** A file's source with its mutants in it. */
export interface Instrumented {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

/** @param firstId ids go up from here, in the order of the source */
export function instrument(file: string, source: string, firstId: number): Instrumented {
  const tree = parse(source, {
    sourceType: 'module',
    plugins: ['typescript'],
    createParenthesizedExpressions: true,
  });
  const writer = createWriter(file, source, firstId);
  return { source: writer.write(tree.program as unknown as SyntaxNode), mutants: writer.mutants };
}

interface Child {
  readonly node: SyntaxNode;
  readonly field: string;
}

function createWriter(file: string, source: string, firstId: number) {
  const mutants: Mutant[] = [];
  const seen = new Map<string, number>();
  const lines = source.split('\n');
  const textOf = (node: SyntaxNode) => source.slice(node.start, node.end);

  function register(node: SyntaxNode, now: string): number {
    const line = source.slice(0, node.start).split('\n').length;
    const text = lines[line - 1]?.trim() ?? '';
    const was = source.slice(node.start, node.end);
    const key = [text, was, now].join('\0');
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const id = firstId + mutants.length;
    mutants.push({ id, file, line, text, was, now, nth });
    return id;
  }

  function write(node: SyntaxNode, parent?: SyntaxNode, field = ''): string {
    const mutations = isFixed(node, parent, field)
      ? []
      : toMutations({ node, parent, field, textOf });
    const ids = mutations.map(({ text }) => ({ text, id: register(node, text) }));
    const body = writeChildren(node);
    if (ids.length === 0) return body;
    if (node.type.endsWith('Statement')) {
      return `if (__mutant(${ids[0]?.id})) {} else {${body}}`;
    }
    const choices = ids.map(({ text, id }) => `__mutant(${id}) ? (${text}) : `).join('');
    return `(${choices}(${body}))`;
  }

  function writeChildren(node: SyntaxNode): string {
    let at = node.start;
    let text = '';
    for (const child of childrenOf(node)) {
      if (child.node.start < at) continue;
      text += source.slice(at, child.node.start) + write(child.node, node, child.field);
      at = child.node.end;
    }
    return text + source.slice(at, node.end);
  }

  return { write: (program: SyntaxNode) => writeProgram(program, write), mutants };
}

function writeProgram(program: SyntaxNode, write: (node: SyntaxNode) => string): string {
  return `const __mutant = globalThis.__mutant;${write(program)}`;
}

const transparent = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression']);

function childrenOf(node: SyntaxNode): readonly Child[] {
  const children: Child[] = [];
  for (const [field, value] of Object.entries(node)) {
    const items = notSyntax.test(field) ? [] : [value].flat();
    for (const item of items)
      if (isNode(item) && !isTypeOnly(item)) children.push({ node: item, field });
  }
  return children.sort((left, right) => left.node.start - right.node.start);
}

const notSyntax = /^(loc|extra)$|Comments$/;

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (/^(Import|ExportAll|Directive|InterpreterDirective)/.test(node.type)) {
    return node.type !== 'ImportExpression';
  }
  return node.type.startsWith('TS') && !transparent.has(node.type);
}

/** What may not stand in parentheses: what is assigned to, and links in the middle of a chain. */
function isFixed(node: SyntaxNode, parent: SyntaxNode | undefined, field: string): boolean {
  if (parent === undefined) return true;
  if (field === 'key' && !parent['computed']) return true;
  if (field === 'left' && /^(Assignment|For)/.test(parent.type)) return true;
  if (
    parent.type === 'UpdateExpression' ||
    (parent.type === 'TemplateLiteral' && field === 'quasis')
  ) {
    return true;
  }
  const isLink = /^Optional/.test(parent.type) && (field === 'object' || field === 'callee');
  return isLink && /^Optional/.test(node.type);
}
