/** Plain data, as templates hold it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object of plain data. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** @returns whether a value is an array */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** @returns whether a value is an object, and no array */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns whether a value is `Ref` or a function of CloudFormation */
export function isIntrinsic(value: Json): boolean {
  if (!isObject(value)) return false;
  const [key, ...others] = Object.keys(value);
  return key !== undefined && others.length === 0 && /^(Ref$|Fn::)/.test(key);
}

/** What CloudFormation leaves out, in an object or in an array. */
export const noValue: JsonObject = { Ref: 'AWS::NoValue' };

/** @returns `Fn::If` */
export function toIf(condition: string, whenTrue: Json, whenFalse: Json): JsonObject {
  return { 'Fn::If': [condition, whenTrue, whenFalse] };
}

/** @returns whether two values are the same data */
export function isSame(one: Json, other: Json): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
