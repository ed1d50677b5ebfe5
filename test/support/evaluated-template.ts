/** What CloudFormation makes of a template with given parameters, as far as the parameters decide it. */
import { isObject, type Json, type JsonObject } from '../../release/json.ts';

export type Values = Readonly<Record<string, string | number | readonly string[]>>;

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: Json }>>;
  readonly Conditions: Readonly<Record<string, Json>>;
  readonly Resources: Readonly<Record<string, JsonObject>>;
  readonly Outputs: Readonly<Record<string, JsonObject>>;
}

/** Resources and outputs that exist, with parameters and conditions replaced by what they come to. */
export function evaluate(template: JsonObject, given: Values) {
  const { Parameters, Conditions, Resources, Outputs } = template as unknown as Template;
  const values = Object.fromEntries(
    Object.entries(Parameters).map(([name, { Type, Default }]) => {
      const value = given[name] ?? Default;
      if (value === undefined) throw new Error(`parameter ${name} has no value`);
      return [name, Type === 'CommaDelimitedList' ? [value].flat() : value];
    }),
  );
  const scope: Scope = { values, conditions: Conditions };
  const evaluateAll = (members: Readonly<Record<string, JsonObject>>) =>
    Object.fromEntries(
      Object.entries(members).flatMap(([id, { Condition: condition, ...member }]) => {
        if (typeof condition === 'string' && !isTrue({ Condition: condition }, scope)) return [];
        return [[id, toPlain(member, scope) as JsonObject]];
      }),
    );
  return { Resources: evaluateAll(Resources), Outputs: evaluateAll(Outputs) };
}

/** A template of CDK in the same form, since it writes the same text in other ways. */
export function toComparable(value: Json): Json {
  return toPlain(value, { values: {}, conditions: {} });
}

/** Ids of parameters and resources that a value refers to, those of `DependsOn` too. Ids of `AWS::` are left out. */
export function listReferences(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(listReferences);
  if (!isObject(value)) return [];
  return Object.entries(value)
    .flatMap(([key, item]) => {
      if (key === 'Ref') return [String(item)];
      if (key === 'Fn::GetAtt')
        return [String(Array.isArray(item) ? item[0] : item).split('.')[0] ?? ''];
      const ids = key === 'DependsOn' ? [item].flat().filter((id) => typeof id === 'string') : [];
      return [...ids, ...listReferences(item)];
    })
    .filter((id) => id !== '' && !id.startsWith('AWS::'));
}

interface Scope {
  readonly values: Readonly<Record<string, Json>>;
  readonly conditions: Readonly<Record<string, Json>>;
}

const absent = Symbol('AWS::NoValue');

function isTrue(condition: Json, scope: Scope): boolean {
  if (!isObject(condition)) throw new Error(`no condition: ${JSON.stringify(condition)}`);
  const [[key, argument] = []] = Object.entries(condition);
  if (key === 'Condition') return isTrue(scope.conditions[String(argument)] ?? null, scope);
  const parts = argument as readonly Json[];
  if (key === 'Fn::And') return parts.every((part) => isTrue(part, scope));
  if (key === 'Fn::Not') return parts.every((part) => !isTrue(part, scope));
  const [one, other] = parts.map((part) => toPlain(part, scope));
  if (key === 'Fn::Equals') return String(one) === String(other);
  throw new Error(`no condition: ${JSON.stringify(condition)}`);
}

function toPlain(value: Json, scope: Scope): Json {
  const found = reduce(value, scope);
  if (found === absent) throw new Error('AWS::NoValue where something has to be');
  return found;
}

function reduce(value: Json, scope: Scope): Json | typeof absent {
  if (Array.isArray(value)) {
    return value.map((item) => reduce(item, scope)).filter((item) => item !== absent);
  }
  if (!isObject(value)) return value;
  const [[key, argument = null] = []] = Object.entries(value);
  if (key === 'Ref' && argument === 'AWS::NoValue') return absent;
  if (key === 'Ref') return scope.values[String(argument)] ?? value;
  if (key === 'Fn::If') {
    const [condition, whenTrue = null, whenFalse = null] = argument as readonly Json[];
    return reduce(isTrue({ Condition: condition ?? null }, scope) ? whenTrue : whenFalse, scope);
  }
  if (key === 'Fn::Sub') return toText(toPieces(String(argument), scope));
  if (key === 'Fn::Join') return joinPieces(argument as readonly Json[], scope);
  const entries = Object.entries(value).map(([name, item]) => [name, reduce(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== absent)) as JsonObject;
}

function joinPieces([separator, list]: readonly Json[], scope: Scope): Json {
  const pieces = toPlain(list ?? null, scope);
  if (!Array.isArray(pieces)) throw new Error(`no list: ${JSON.stringify(pieces)}`);
  if (separator !== '') {
    const isKnown = pieces.every((piece) => typeof piece === 'string');
    return isKnown ? pieces.join(String(separator)) : { 'Fn::Join': [separator ?? null, pieces] };
  }
  return toText(pieces.flatMap((piece) => toInner(piece) ?? [piece]));
}

/** The pieces of a text inside of a text. */
function toInner(piece: Json): readonly Json[] | undefined {
  const join = isObject(piece) ? piece['Fn::Join'] : undefined;
  return Array.isArray(join) && join[0] === '' ? join[1] : undefined;
}

/** `Fn::Sub` in the form of `Fn::Join`. */
function toPieces(text: string, scope: Scope): Json[] {
  return text.split(/(\$\{[^}]+\})/).map((part) => {
    const name = /^\$\{([^!][^}]*)\}$/.exec(part)?.[1];
    if (name === undefined) return part.replaceAll('${!', '${');
    const [id = '', ...attribute] = name.split('.');
    const ref = { 'Fn::GetAtt': [id, attribute.join('.')] };
    return attribute.length > 0 ? ref : toPlain({ Ref: id }, scope);
  });
}

function toText(pieces: readonly Json[]): Json {
  const merged: Json[] = [];
  for (const piece of pieces) {
    const text = typeof piece === 'number' ? String(piece) : piece;
    const last = merged.at(-1);
    if (typeof text === 'string' && typeof last === 'string')
      merged[merged.length - 1] = last + text;
    else if (text !== '') merged.push(text);
  }
  const [only = '', ...others] = merged;
  return others.length === 0 ? only : { 'Fn::Join': ['', merged] };
}
