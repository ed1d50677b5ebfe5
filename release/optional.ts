/** What exists only where an optional parameter is given. */
import { isIntrinsic, isList, isObject, type Json, noValue, toIf } from './json.ts';
import type { Template } from './merge.ts';
import { optionalParameters } from './parameters.ts';

/** Values that mean something by being there. */
const switches: Readonly<Record<string, string>> = {
  COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: 'RequiresAccessPlugin',
};

/**
 * Puts a value that is an optional parameter under the parameter's condition. If the value is alone in its list, the condition
 * is the list's; if it is the resource of a policy's statement, the statement's.
 */
export function withOptionalParameters({ Resources, ...others }: Template): Template {
  const changed = Object.entries(Resources).map(([name, resource]) => [
    name,
    withOptional(resource),
  ]);
  return { ...others, Resources: Object.fromEntries(changed) };
}

function withOptional(value: Json): Json {
  const condition =
    findCondition(value) ?? findListCondition(value) ?? findStatementCondition(value);
  if (condition !== undefined) return toIf(condition, value, noValue);
  if (isList(value)) return value.map(withOptional);
  if (!isObject(value) || isIntrinsic(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const own = switches[key];
      return [key, own === undefined ? withOptional(item) : toIf(own, item, noValue)];
    }),
  );
}

function findListCondition(value: Json): string | undefined {
  return isList(value) && value.length === 1 ? findCondition(value[0]) : undefined;
}

function findStatementCondition(value: Json): string | undefined {
  return isObject(value) && value['Effect'] ? findCondition(value['Resource']) : undefined;
}

function findCondition(value: Json | undefined): string | undefined {
  if (!isObject(value)) return undefined;
  const found = Object.entries(optionalParameters).find(([name]) => value['Ref'] === name);
  return found?.[1];
}
