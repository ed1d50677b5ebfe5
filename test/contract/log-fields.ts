/** Which fields and which texts an expression in a call of the logger stands for. */
import { noticeMessages } from '../../functions/proxy/routes/logged-loader.ts';
import { messages } from '../../functions/proxy/routes/report.ts';
import { childOf, childrenOf, nameOf, type Source, type SyntaxNode, walk } from './sources.ts';

/** Where an expression is, and what its types have. */
export interface FieldContext {
  readonly source: Source;
  readonly membersOf: (type: string) => readonly string[];
}

/** Fields, and their texts where these are constant: `event`. */
type Fields = ReadonlyMap<string, readonly string[]>;

/** Records whose fields only their type says: file and expression → name of the type, and what was taken out before. */
const types: Readonly<Record<string, readonly [type: string, without?: string]>> = {
  'proxy/index.ts summary': ['TableSummary'],
  'proxy/routes/report.ts record': ['InvalidDocument'],
  'proxy/routes/report.ts document': ['UnreadableDocument'],
  'proxy/routes/report.ts rivals': ['Conflict', 'between'],
  'publisher/index.ts fields': ['Publication', 'published'],
  'publisher/log-findings.ts fields': ['Finding', 'outcome'],
};

/** Parameters that other calls fill: their fields are listed there, or here. */
const filled: Readonly<Record<string, readonly string[]>> = {
  'proxy/index.ts fields': [],
  'proxy/direct-mode.ts fields': ['tookMs', 'pages'],
};

/** Texts that are found out at run time. */
const texts: Readonly<Record<string, readonly string[]>> = {
  'proxy/index.ts message': [],
  'proxy/index.ts error.message': [],
  'proxy/routes/logged-loader.ts event': Object.keys(noticeMessages),
  'proxy/routes/report.ts text': ['a warning of a document'],
  'proxy/routes/report.ts messages.failure': [messages.failure],
  'proxy/routes/report.ts messages.unreadHistory': [messages.unreadHistory],
  'proxy/routes/report.ts messages.orphan': [messages.orphan],
  'publisher/log-conflicts.ts messages.orphan': [messages.orphan],
  'publisher/log-conflicts.ts messages.conflict.routes': [messages.conflict.routes],
  'publisher/log-conflicts.ts messages.conflict.consumers': [messages.conflict.consumers],
  'proxy/routes/report.ts messages.conflict[between]': Object.values(messages.conflict),
};

/** @returns the fields that an expression has, or throws where this file has to say what it stands for */
export function toFieldNames(node: SyntaxNode, context: FieldContext): Fields {
  switch (node.type) {
    case 'ObjectExpression':
      return merge(childrenOf(node, 'properties').map((part) => toPropertyFields(part, context)));
    case 'ConditionalExpression':
      return merge(
        ['consequent', 'alternate'].map((side) => toFieldNames(childOf(node, side), context)),
      );
    case 'LogicalExpression':
      return toFieldNames(childOf(node, 'right'), context);
    case 'CallExpression':
      return toCallFields(node, context);
    case 'Identifier':
      return toVariableFields(node, context);
    default:
      throw unknown(node, context);
  }
}

function toPropertyFields(node: SyntaxNode, context: FieldContext): Fields {
  if (node.type === 'SpreadElement') return toFieldNames(childOf(node, 'argument'), context);
  const name = nameOf(childOf(node, 'key'));
  return new Map([[name, name === 'event' ? toTexts(childOf(node, 'value'), context) : []]]);
}

/** `toCountMetrics` makes fields of its first argument; other calls are functions of the same file. */
function toCallFields(node: SyntaxNode, context: FieldContext): Fields {
  const name = nameOf(childOf(node, 'callee'));
  const [first] = childrenOf(node, 'arguments');
  if (name === 'toCountMetrics' && first) {
    const isComputed = childrenOf(first, 'properties').some((part) => part['computed'] === true);
    return isComputed ? new Map() : toFieldNames(first, context);
  }
  const made = [...walk(context.source.program)]
    .filter(({ type, id }) => type === 'FunctionDeclaration' && nameOf(id as SyntaxNode) === name)
    .flatMap((declared) => [...walk(declared)])
    .flatMap((part) => (part.type === 'ReturnStatement' ? childrenOf(part, 'argument') : []))
    .filter(({ type }) => type === 'ObjectExpression');
  if (made.length === 0) throw unknown(node, context);
  return merge(made.map((part) => toFieldNames(part, context)));
}

function toVariableFields(node: SyntaxNode, context: FieldContext): Fields {
  const key = toKey(node, context);
  const [type, without] = types[key] ?? [];
  const names = filled[key] ?? (type && context.membersOf(type));
  if (names) return new Map(names.flatMap((name) => (name === without ? [] : [[name, []]])));
  const made = [...walk(context.source.program)].find(
    ({ type, id, init }) =>
      type === 'VariableDeclarator' && init && nameOf(id as SyntaxNode) === nameOf(node),
  );
  if (!made) throw unknown(node, context);
  return toFieldNames(childOf(made, 'init'), context);
}

/** The constant texts of an expression; `…` is what is filled in at run time. */
export function toTexts(node: SyntaxNode, context: FieldContext): readonly string[] {
  const known = texts[toKey(node, context)];
  if (known) return known;
  switch (node.type) {
    case 'StringLiteral':
      return [String(node['value'])];
    case 'TemplateLiteral':
      return [
        childrenOf(node, 'quasis')
          .map((part) => (part['value'] as { readonly cooked: string }).cooked)
          .join('…'),
      ];
    case 'ConditionalExpression':
      return ['consequent', 'alternate'].flatMap((side) => toTexts(childOf(node, side), context));
    case 'Identifier': {
      const made = [...walk(context.source.program)].find(
        ({ type, id, init }) =>
          type === 'VariableDeclarator' && init && nameOf(id as SyntaxNode) === nameOf(node),
      );
      if (made) return toTexts(childOf(made, 'init'), context);
    }
  }
  throw unknown(node, context);
}

function toKey({ start, end }: SyntaxNode, { source }: FieldContext): string {
  return `${source.file.replace('functions/', '')} ${source.text.slice(start, end)}`;
}

function merge(all: readonly Fields[]): Fields {
  return new Map(all.flatMap((fields) => [...fields]));
}

function unknown(node: SyntaxNode, context: FieldContext): Error {
  return new Error(
    `${toKey(node, context)}: its fields are not found in this file; say in test/contract/log-fields.ts what it stands for`,
  );
}
