/**
 * One template from two that the constructs make: where they differ, a condition decides. So the constructs know nothing of
 * conditions, and the template has nothing that they do not make.
 */
import { diffArrays } from 'diff';
import {
  isIntrinsic,
  isObject,
  isSame,
  type Json,
  type JsonObject,
  noValue,
  toIf,
} from './json.ts';

/** The parts of a template that differ with what is switched on. */
export interface Template {
  readonly Description: string;
  readonly Resources: Readonly<Record<string, JsonObject>>;
  readonly Outputs: Readonly<Record<string, JsonObject>>;
}

/** What one part of a template has and the other lacks gets this condition; where both have it, its values are merged. */
export function mergeTemplates(
  condition: string,
  whenTrue: Template,
  whenFalse: Template,
): Template {
  const merge = (key: 'Resources' | 'Outputs') => {
    const names = new Set([...Object.keys(whenTrue[key]), ...Object.keys(whenFalse[key])]);
    return Object.fromEntries(
      [...names].map((name) => {
        const [one, other] = [whenTrue[key][name], whenFalse[key][name]];
        if (one && other) return [name, mergeMember({ condition, name, one, other })];
        if (one) return [name, withCondition(one, condition)];
        throw new Error(`${name} is there without ${condition} only, which no template needs.`);
      }),
    );
  };
  return {
    Description: whenTrue.Description,
    Resources: merge('Resources'),
    Outputs: merge('Outputs'),
  };
}

/** The combined conditions that a template uses, by the names that {@link mergeTemplates} gives them. */
export function toCombinedConditions({ Resources, Outputs }: Template): Record<string, Json> {
  const used = [...Object.values(Resources), ...Object.values(Outputs)].flatMap(
    ({ Condition: name }) => (typeof name === 'string' && name.includes('And') ? [name] : []),
  );
  return Object.fromEntries(
    [...new Set(used)].map((name) => [
      name,
      { 'Fn::And': name.split('And').map((part) => ({ Condition: part })) },
    ]),
  );
}

function withCondition(member: JsonObject, condition: string): JsonObject {
  const inner = member['Condition'];
  return { ...member, Condition: inner === undefined ? condition : `${inner}And${condition}` };
}

interface Pair {
  readonly condition: string;
  readonly name: string;
  readonly one: JsonObject;
  readonly other: JsonObject;
}

/** A resource or an output that both templates have. */
function mergeMember(pair: Pair): JsonObject {
  const { condition, name, one, other } = pair;
  const merged: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [a = null, b = null] = [one[key], other[key]];
    if (isSame(a, b)) merged[key] = a;
    else if (key === 'DependsOn') Object.assign(merged, mergeDependencies(pair));
    else if (key === 'Properties' || key === 'Value') merged[key] = mergeValues(condition, a, b);
    else throw new Error(`${name}: ${key} differs with ${condition}, and may have no condition.`);
  }
  return merged;
}

/**
 * `DependsOn` allows no condition, and CloudFormation does not say what a dependency on a resource means that its condition
 * leaves out. A reference in the metadata is a dependency too, and may have a condition.
 */
function mergeDependencies({ condition, name, one, other }: Pair): JsonObject {
  const [names, others] = [toNames(one), toNames(other)];
  if (others.some((id) => !names.includes(id)) || one['Metadata'] || other['Metadata']) {
    throw new Error(`${name}: dependencies without ${condition}, or metadata, cannot be merged.`);
  }
  const after = names
    .filter((id) => !others.includes(id))
    .map((id) => toIf(condition, { Ref: id }, ''));
  return {
    ...(others.length > 0 && { DependsOn: others }),
    Metadata: { DependsOn: after },
  };
}

function toNames({ DependsOn: names }: JsonObject): readonly string[] {
  return [names ?? []].flat() as string[];
}

function mergeValues(condition: string, one: Json, other: Json): Json {
  if (isSame(one, other)) return one;
  if (Array.isArray(one) && Array.isArray(other)) return mergeLists(condition, one, other);
  if (!isObject(one) || !isObject(other)) return toIf(condition, one, other);
  const [joined, otherJoined] = [toPieces(one), toPieces(other)];
  if (joined && otherJoined) return mergeTexts(condition, joined, otherJoined);
  if (isIntrinsic(one) || isIntrinsic(other)) return toIf(condition, one, other);
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(
    keys.map((key) => {
      const [a, b] = [one[key], other[key]];
      if (a !== undefined && b !== undefined) return [key, mergeValues(condition, a, b)];
      return [key, toIf(condition, a ?? noValue, b ?? noValue)];
    }),
  );
}

function mergeLists(condition: string, one: readonly Json[], other: readonly Json[]): Json {
  return align(one, other).flatMap(({ common, left, right }) => [
    ...common,
    ...left.map((item) => toIf(condition, item, noValue)),
    ...right.map((item) => toIf(condition, noValue, item)),
  ]);
}

/** The parts of a text that `Fn::Join` puts together without a separator. */
function toPieces(value: JsonObject): readonly Json[] | undefined {
  const join = value['Fn::Join'];
  if (!Array.isArray(join) || join[0] !== '' || !Array.isArray(join[1])) return undefined;
  return join[1];
}

/** A text of thousands of characters, such as a dashboard, differs in a few places only. */
function mergeTexts(condition: string, one: readonly Json[], other: readonly Json[]): Json {
  const pieces = align(one, other).flatMap(({ common, left, right }) => {
    if (left.length + right.length === 0) return common;
    return [...common, toIf(condition, toText(left), toText(right))];
  });
  return { 'Fn::Join': ['', pieces] };
}

function toText(pieces: readonly Json[]): Json {
  const [first, ...others] = pieces;
  if (first === undefined) return '';
  return others.length === 0 ? first : { 'Fn::Join': ['', pieces] };
}

interface Stretch {
  /** What both lists have. */
  readonly common: readonly Json[];
  /** What follows in one list, and in the other, before the next common item. */
  readonly left: readonly Json[];
  readonly right: readonly Json[];
}

/** Splits two lists at their longest common subsequence. */
function align(one: readonly Json[], other: readonly Json[]): Stretch[] {
  const stretches: { common: Json[]; left: Json[]; right: Json[] }[] = [];
  for (const { value, added, removed } of diffArrays([...one], [...other], {
    comparator: isSame,
  })) {
    const last = stretches.at(-1);
    const isChange = added || removed;
    const current = isChange && last ? last : { common: [], left: [], right: [] };
    if (current !== last) stretches.push(current);
    if (removed) current.left.push(...value);
    else if (added) current.right.push(...value);
    else current.common.push(...value);
  }
  return stretches;
}
