/** Interfaces, types and classes by name, and the members of each. */
import {
  childOf,
  childrenOf,
  nameOf,
  parseSource,
  type Source,
  type SourceText,
  type SyntaxNode,
  textOf,
  walk,
} from './sources.ts';

/** A declaration and the file that it is in. */
export interface Declaration {
  readonly node: SyntaxNode;
  readonly source: Source;
}

/** Finds the declaration of a name in several files; undefined if none of them has it. */
export type Declarations = (name: string) => Declaration | undefined;

/** A property, a method or a variable of a union. */
export interface Member {
  readonly name: string;
  /** One for each member of a union; the signature of a method. */
  readonly types: readonly string[];
  readonly isOptional: boolean;
  /** The value of `@default`, if it is code. */
  readonly byDefault: string | undefined;
  readonly typeNode: SyntaxNode | undefined;
}

const declaring = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'ClassDeclaration']);

/** Parses a file when a declaration of it is asked for. Of two with one name the later file has it. */
export function findDeclarations(texts: readonly SourceText[]): Declarations {
  const found = new Map<string, Declaration | undefined>();
  return (name) => {
    if (!found.has(name)) found.set(name, findDeclaration(name, texts));
    return found.get(name);
  };
}

function findDeclaration(name: string, texts: readonly SourceText[]): Declaration | undefined {
  // A name of another module, such as `lambda.Function`, has no identifier of its own.
  if (name === '') return undefined;
  const declares = new RegExp(
    `^(?:export )?(?:abstract )?(?:interface|type|class) ${name}\\b`,
    'm',
  );
  const text = texts.findLast((one) => declares.test(one.text));
  if (!text) return undefined;
  const source = parseSource(text);
  const nodes = childrenOf(source.program, 'body').map(
    (statement) => childrenOf(statement, 'declaration')[0] ?? statement,
  );
  const node = nodes.find((one) => declaring.has(one.type) && nameOf(childOf(one, 'id')) === name);
  return node && { node, source };
}

/** The public members of an interface, a class or an object type, without those that it inherits. */
export function listMembers({ node, source }: Declaration): readonly Member[] {
  return toMemberNodes(node).flatMap((member) => toMember(member, source));
}

function toMemberNodes(node: SyntaxNode): readonly SyntaxNode[] {
  switch (node.type) {
    case 'TSInterfaceDeclaration':
    case 'ClassDeclaration':
      return childrenOf(childOf(node, 'body'), 'body');
    case 'TSTypeLiteral':
      return childrenOf(node, 'members');
    case 'TSTypeAliasDeclaration':
      return toMemberNodes(childOf(node, 'typeAnnotation'));
    case 'TSParenthesizedType':
      return toMemberNodes(childOf(node, 'typeAnnotation'));
    case 'TSUnionType':
    case 'TSIntersectionType':
      return childrenOf(node, 'types').flatMap(toMemberNodes);
    default:
      return [];
  }
}

function toMember(node: SyntaxNode, source: Source): readonly Member[] {
  const isHidden = node['accessibility'] === 'private' || node['accessibility'] === 'protected';
  if (isHidden || !/Property|Method/.test(node.type) || /Private/.test(node.type)) return [];
  const [annotation] = childrenOf(node, 'typeAnnotation');
  const typeNode = annotation && childOf(annotation, 'typeAnnotation');
  const isMethod = /Method/.test(node.type);
  return [
    {
      name: nameOf(childOf(node, 'key')),
      types: isMethod
        ? [toSignature(node, source)]
        : typeNode
          ? toUnion(typeNode).map((type) => textOf(type, source))
          : [],
      isOptional: node['optional'] === true,
      byDefault: toDefault(node),
      typeNode,
    },
  ];
}

/** The members of a union, without `undefined`. */
export function toUnion(type: SyntaxNode): readonly SyntaxNode[] {
  if (type.type === 'TSUndefinedKeyword') return [];
  return type.type === 'TSUnionType' ? childrenOf(type, 'types').flatMap(toUnion) : [type];
}

function toSignature(node: SyntaxNode, source: Source): string {
  const field = node.type === 'TSMethodSignature' ? 'parameters' : 'params';
  const parameters = childrenOf(node, field).map((parameter) => toParameter(parameter, source));
  const [result] = [...childrenOf(node, 'returnType'), ...childrenOf(node, 'typeAnnotation')];
  const type = result && textOf(childOf(result, 'typeAnnotation'), source);
  return `(${parameters.join(', ')})${type ? `: ${type}` : ''}`;
}

/** The type alone: users pass arguments by place. */
function toParameter(node: SyntaxNode, source: Source): string {
  const isAssigned = node.type === 'AssignmentPattern';
  const target = isAssigned ? childOf(node, 'left') : node;
  const [annotation] = childrenOf(target, 'typeAnnotation');
  const type = annotation ? textOf(childOf(annotation, 'typeAnnotation'), source) : 'unknown';
  return isAssigned || target['optional'] === true ? `${type}?` : type;
}

/** `@default 512`, or code before the words: `@default - RemovalPolicy.RETAIN: …`. */
function toDefault(node: SyntaxNode): string | undefined {
  const comments = childrenOf(node, 'leadingComments').map((comment) => String(comment['value']));
  const [, text = ''] = /@default (?:- )?([^:;\n]+)/.exec(comments.at(-1) ?? '') ?? [];
  return /^(true|false|\d+|'[^']*'|\w+\.\w+(\(.*\))?)$/.test(text.trim()) ? text.trim() : undefined;
}

/** Names of types that a piece of syntax refers to. */
export function* findReferences(node: SyntaxNode): Generator<string> {
  for (const part of walk(node)) {
    if (part.type === 'TSTypeReference') yield nameOf(childOf(part, 'typeName'));
    if (part.type === 'TSExpressionWithTypeArguments') yield nameOf(childOf(part, 'expression'));
  }
}
