/** The promises of the constructs: names, props, members, context keys and outputs of stacks. */
import {
  type Declaration,
  type Declarations,
  findDeclarations,
  findReferences,
  listMembers,
  type Member,
  toUnion,
} from './declarations.ts';
import { childrenOf, nameOf, parseSource, readTexts, type SourceText, textOf } from './sources.ts';

/** Lines about everything that an app writes or reads by name. */
export function listConstructPromises(): readonly string[] {
  const sources = readTexts('lib');
  const declarations = findDeclarations([...sources, ...readTexts('functions/proxy/log')]);
  const exported = findExports(sources);
  const isTop = new Set(exported);
  return [
    ...exported.map((name) => `export ${name}`),
    ...findReachable(exported, declarations).flatMap((name) =>
      toLines({ name, isExported: isTop.has(name) }, declarations(name)),
    ),
    ...sources.flatMap(findContextKeys),
    ...sources.flatMap(findOutputs),
  ];
}

function findExports(sources: readonly SourceText[]): readonly string[] {
  const index = sources.find(({ file }) => file === 'lib/index.ts');
  if (!index) throw new Error('lib/index.ts is missing');
  return childrenOf(parseSource(index).program, 'body')
    .flatMap((statement) => childrenOf(statement, 'specifiers'))
    .map((specifier) => nameOf(childrenOf(specifier, 'exported')[0]));
}

/** The exports and the types of the sources that they mention: users write values of those as well. */
function findReachable(names: readonly string[], declarations: Declarations): readonly string[] {
  const found = new Set(names);
  for (const name of found) {
    const declaration = declarations(name);
    const mentioned = declaration ? findMentioned(declaration) : [];
    for (const other of mentioned) if (declarations(other)) found.add(other);
  }
  return [...found];
}

/** The bodies of methods are no promise, nor what only this package constructs. */
function findMentioned({ node, source }: Declaration): readonly string[] {
  if (node.type !== 'ClassDeclaration') return [...findReferences(node)];
  const members = listMembers({ node, source }).filter(({ name }) => name !== 'constructor');
  return members.flatMap(({ types }) => types).flatMap((text) => text.match(/[A-Z]\w+/g) ?? []);
}

interface Named {
  readonly name: string;
  readonly isExported: boolean;
}

function toLines(
  { name, isExported }: Named,
  declaration: Declaration | undefined,
): readonly string[] {
  if (!declaration) return [];
  const { node } = declaration;
  const path = `type ${name}`;
  const members = listMembers(declaration).filter(
    (member) => isExported || member.name !== 'constructor',
  );
  const required = members.filter(({ isOptional }) => !isOptional).map((member) => member.name);
  const isNeeded = node.type !== 'ClassDeclaration' && required.length > 0;
  return [
    ...(members.length === 0 ? toAlias(declaration) : []).map((type) => `${path} = ${type}`),
    ...toParents(declaration).map((parent) => `${path} = extends ${parent}`),
    ...(isNeeded ? [`${path} = requires ${required.join(', ')}`] : []),
    ...members.flatMap((member) => toMemberLines(path, member)),
  ];
}

function toParents({ node, source }: Declaration): readonly string[] {
  return ['superClass', 'extends']
    .flatMap((field) => childrenOf(node, field))
    .map((parent) => textOf(parent, source));
}

function toMemberLines(owner: string, { name, types, byDefault }: Member): readonly string[] {
  if (name === 'constructor') return types.map((type) => `${owner} = new ${type}`);
  const path = `${owner}.${name}`;
  const shown = types.length === 0 ? [path] : types.map((type) => `${path} = ${type}`);
  return byDefault === undefined ? shown : [...shown, `${path} = default ${byDefault}`];
}

/** One for each type of a union. */
function toAlias({ node, source }: Declaration): readonly string[] {
  const types = childrenOf(node, 'typeAnnotation').flatMap(toUnion);
  return types.map((type) => textOf(type, source));
}

const readers: Readonly<Record<string, string>> = {
  Text: 'text',
  Flag: 'true or false',
  Count: 'whole number',
  List: 'list of texts',
  Choice: 'one of several texts',
  Seconds: 'seconds',
};

function findContextKeys({ text }: SourceText): readonly string[] {
  return [...text.matchAll(/\bread(\w+)\(node, '(\w+)'/g)].map(
    ([, reader = '', key]) => `context ${key} = ${readers[reader] ?? reader}`,
  );
}

function findOutputs({ text }: SourceText): readonly string[] {
  return [...text.matchAll(/\bnew CfnOutput\(\w+, '(\w+)'/g)].map(([, name]) => `output ${name}`);
}
