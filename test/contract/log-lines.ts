/** The promises of the log: each line that the functions write, by `event` or message, with its level and fields. */
import {
  type Declarations,
  findDeclarations,
  findReferences,
  listMembers,
} from './declarations.ts';
import { toFieldNames, toTexts } from './log-fields.ts';
import {
  childOf,
  childrenOf,
  nameOf,
  parseSource,
  read,
  readTexts,
  type Source,
  type SyntaxNode,
  walk,
} from './sources.ts';

/** A call of the logger. */
interface Line {
  /** Events, or messages where there is no event. */
  readonly names: readonly string[];
  /** Undefined where the level is found out at run time. */
  readonly level: string | undefined;
  readonly fields: readonly string[];
}

const levels = new Set(['debug', 'info', 'warn', 'error', 'always']);

/** Lines about everything that a query of the log may name. */
export function listLogPromises(): readonly string[] {
  const texts = ['functions/proxy', 'functions/publisher'].flatMap(readTexts);
  const declarations = findDeclarations(texts);
  const membersOf = (type: string) => listFieldNames(type, declarations);
  const sources = texts.filter(({ text }) => /\blog\b[.([]/.test(text)).map(parseSource);
  const lines = sources.flatMap((source) => findLines(source, membersOf));
  return [...lines.flatMap(toPromises), ...listOutcomes()];
}

function toPromises({ names, level, fields }: Line): readonly string[] {
  return names.flatMap((name) => {
    const shown = name.includes(' ') ? `"${name}"` : name;
    return [
      `log ${shown}${level === undefined ? '' : ` = ${level}`}`,
      ...fields.map((field) => `log ${shown}.${field}`),
    ];
  });
}

/** The events of the publisher about documents, each with a level and a metric of its own. */
function listOutcomes(): readonly string[] {
  const table = read('functions/publisher/log-findings.ts');
  return [...table.matchAll(/^ {2}(\w+): \['(\w+)', '[^']*', '(\w+)'\],$/gm)].flatMap(
    ([, outcome, level, metric]) => [
      `log document-${outcome} = ${level}`,
      `metric Countersign.${metric} = Count`,
    ],
  );
}

function findLines(
  source: Source,
  membersOf: (type: string) => readonly string[],
): readonly Line[] {
  return [...walk(source.program)].flatMap((node) => {
    const call = readCall(node, source);
    if (!call) return [];
    const { level, message, fields: own } = call;
    const context = { source, membersOf };
    const fields = own ? toFieldNames(own, context) : new Map<string, readonly string[]>();
    const events = fields.get('event') ?? [];
    const names = events.length > 0 ? events : toTexts(message, context);
    return [
      {
        names,
        level,
        fields: [...fields.keys()].filter((name) => name !== 'event' && name !== '_aws'),
      },
    ];
  });
}

/** `log.warn(message, fields)`, `log[level](message, fields)` or `log('warn', message, fields)`. */
function readCall(node: SyntaxNode, source: Source) {
  if (node.type !== 'CallExpression') return undefined;
  const callee = childOf(node, 'callee');
  const [first, second, third] = childrenOf(node, 'arguments');
  if (callee.type === 'MemberExpression') {
    const object = childOf(callee, 'object');
    const isLog = /\blog$/.test(source.text.slice(object.start, object.end));
    const property = childOf(callee, 'property');
    const level = callee['computed'] === true ? undefined : nameOf(property);
    const isLevel = level === undefined || levels.has(level);
    if (isLog && isLevel && first) return { level, message: first, fields: second };
  }
  const isLog = /\blog$/.test(source.text.slice(callee.start, callee.end));
  if (isLog && first && second && levels.has(nameOf(first))) {
    return { level: nameOf(first), message: second, fields: third };
  }
  return undefined;
}

/** The fields of a type, with those of the records in its arrays: `issues.pointer`. */
function listFieldNames(name: string, declarations: Declarations): readonly string[] {
  const declaration = declarations(name);
  if (!declaration) return [];
  const own = listMembers(declaration);
  const others = [...new Set(findUnions(declaration.node))].filter((other) => other !== name);
  return [
    ...own.flatMap((member) => {
      const below = member.typeNode ? [...findReferences(member.typeNode)] : [];
      const nested = below.flatMap((type) => listFieldNames(type, declarations));
      return [member.name, ...nested.map((field) => `${member.name}.${field}`)];
    }),
    ...others.flatMap((other) => listFieldNames(other, declarations)),
  ];
}

/** The named parts of a union or an intersection, which are fields of the same record. */
function findUnions(node: SyntaxNode): readonly string[] {
  if (node.type === 'TSTypeReference') return [nameOf(childOf(node, 'typeName'))];
  const isWhole = ['TSTypeAliasDeclaration', 'TSParenthesizedType'].includes(node.type);
  if (isWhole) return findUnions(childOf(node, 'typeAnnotation'));
  const isPart = ['TSUnionType', 'TSIntersectionType'].includes(node.type);
  return isPart ? childrenOf(node, 'types').flatMap(findUnions) : [];
}
