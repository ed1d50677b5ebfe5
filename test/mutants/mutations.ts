/** What may be changed in a piece of syntax: one small mistake at a time, as a person makes them. */

/** A node of Babel's syntax tree. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** One change of a node. */
export interface Mutation {
  /** What stands there instead; an expression, or a statement when the node is one. */
  readonly text: string;
}

/** A node and where it stands. */
export interface Place {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
  /** The parent's field that holds the node. */
  readonly field: string;
  /** The text between two offsets of the file. */
  readonly textOf: (node: SyntaxNode) => string;
}

/** @returns the changes of one node; none for what only the compiler or a reader sees */
export function toMutations(place: Place): readonly Mutation[] {
  const { node } = place;
  if (isOnlyForCompiler(place)) return [];
  const texts = mutators[node.type]?.(place) ?? [];
  const condition = toConditions(place);
  const own = place.textOf(node);
  const returned = isReturned(place) ? ['undefined'] : [];
  const all = new Set([...texts, ...condition, ...returned]);
  all.delete(own);
  return [...all].map((text) => ({ text }));
}

type Mutator = (place: Place) => readonly string[];

const operators: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
};

const assignments: Readonly<Record<string, string>> = {
  '+=': '-=',
  '-=': '+=',
  '*=': '/=',
  '/=': '*=',
  '|=': '&=',
  '&=': '|=',
};

const methods: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  min: 'max',
  max: 'min',
  indexOf: 'lastIndexOf',
  lastIndexOf: 'indexOf',
};

/** Calls that a careless person leaves out: what they are called on stays. */
const removable = new Set(
  'filter slice trim trimEnd trimStart toLowerCase toUpperCase sort toSorted reverse replace replaceAll'.split(
    ' ',
  ),
);

const mutators: Readonly<Record<string, Mutator>> = {
  BinaryExpression: ({ node, textOf }) => {
    const [left, right] = [node['left'] as SyntaxNode, node['right'] as SyntaxNode];
    const operator = node['operator'] as string;
    if (operator === '+' && (isText(left) || isText(right))) return [];
    return (operators[operator] ?? []).map((other) => `${textOf(left)} ${other} ${textOf(right)}`);
  },
  LogicalExpression: ({ node, textOf }) => {
    const [left, right] = [node['left'] as SyntaxNode, node['right'] as SyntaxNode];
    if (node['operator'] === '??' && isForCompiler(left, right)) return [];
    return [textOf(left), textOf(right)];
  },
  UnaryExpression: ({ node, textOf }) =>
    ['!', '-', '~'].includes(node['operator'] as string)
      ? [textOf(node['argument'] as SyntaxNode)]
      : [],
  UpdateExpression: ({ node, textOf }) => {
    const argument = textOf(node['argument'] as SyntaxNode);
    return [`${argument}${node['operator'] === '++' ? '--' : '++'}`];
  },
  AssignmentExpression: ({ node, textOf }) => {
    const other = assignments[node['operator'] as string];
    if (other === undefined) return [];
    return [
      `${textOf(node['left'] as SyntaxNode)} ${other} ${textOf(node['right'] as SyntaxNode)}`,
    ];
  },
  BooleanLiteral: ({ node }) => [String(!node['value'])],
  StringLiteral: (place) => {
    const value = place.node['value'] as string;
    // Node takes '' for UTF-8 as well.
    return value === 'utf8' || isName(place) || isSentence(value)
      ? []
      : [value === '' ? "'mutant'" : "''"];
  },
  TemplateLiteral: ({ node, parent, textOf }) =>
    parent?.type === 'TaggedTemplateExpression' || isSentence(textOf(node)) ? [] : ["''"],
  RegExpLiteral: ({ node }) => [`/(?:)/${node['flags']}`, `/(?!)/${node['flags']}`],
  ArrayExpression: ({ node }) => ((node['elements'] as unknown[]).length === 0 ? [] : ['[]']),
  ExpressionStatement: ({ node }) => {
    const { type } = node['expression'] as SyntaxNode;
    return ['CallExpression', 'AwaitExpression', 'AssignmentExpression'].includes(type)
      ? ['{}']
      : [];
  },
  ThrowStatement: () => ['{}'],
  ContinueStatement: () => ['{}'],
  BreakStatement: ({ parent }) => (parent?.type === 'SwitchCase' ? [] : ['{}']),
  CallExpression: (place) => toCalls(place),
};

function toCalls({ node, textOf }: Place): readonly string[] {
  const callee = node['callee'] as SyntaxNode;
  if (callee.type !== 'MemberExpression' || callee['computed']) return [];
  const object = callee['object'] as SyntaxNode;
  const property = callee['property'] as SyntaxNode;
  const name = property['name'] as string;
  const mutations: string[] = [];
  const other = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (other !== undefined) {
    const whole = textOf(node);
    const at = property.start - node.start;
    mutations.push(whole.slice(0, at) + other + whole.slice(at + name.length));
  }
  if (removable.has(name)) mutations.push(textOf(object));
  return mutations;
}

function toConditions({ node, parent, field }: Place): readonly string[] {
  if (field !== 'test' || parent === undefined || node.type === 'BooleanLiteral') return [];
  if (parent.type === 'SwitchCase') return [];
  // A loop that never ends is always found out.
  return /^(For|While|DoWhile)/.test(parent.type) ? ['false'] : ['true', 'false'];
}

function isReturned({ node, parent, field }: Place): boolean {
  if (parent?.type === 'ArrowFunctionExpression' && field === 'body') {
    return node.type !== 'BlockStatement' && !isUndefined(node) && node.type !== 'BooleanLiteral';
  }
  return parent?.type === 'ReturnStatement' && !isUndefined(node) && node.type !== 'BooleanLiteral';
}

function isUndefined(node: SyntaxNode): boolean {
  return node.type === 'Identifier' && node['name'] === 'undefined';
}

function isText(node: SyntaxNode): boolean {
  return node.type === 'StringLiteral' || node.type === 'TemplateLiteral';
}

/** `list[0] ?? ''` and `map[name] ?? 0` are there since the compiler can't know that the element exists. */
function isForCompiler(left: SyntaxNode, right: SyntaxNode): boolean {
  const isElement = left.type === 'MemberExpression' && left['computed'] === true;
  return isElement && ['StringLiteral', 'NumericLiteral', 'UnaryExpression'].includes(right.type);
}

function isOnlyForCompiler({ node, parent, field }: Place): boolean {
  if (parent?.type !== 'LogicalExpression' || field !== 'right') return false;
  return parent['operator'] === '??' && isForCompiler(parent['left'] as SyntaxNode, node);
}

/** Keys, imports and the like are names, and not values. */
function isName({ parent, field }: Place): boolean {
  if (parent === undefined) return true;
  if (/^(Import|Export|TS)/.test(parent.type)) return true;
  const { type } = (parent['callee'] ?? parent) as SyntaxNode;
  return field === 'key' || type === 'Import';
}

/** Words for people: messages, and not what the program decides by. */
function isSentence(text: string): boolean {
  return /[a-z]{2,}[,:;]? [a-z]|\}[ '"][a-z]|[a-z] ["'`]?\$\{/i.test(text);
}
