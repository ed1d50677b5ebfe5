/** The JSON Schema of `vars`, the conditions of a route. */
import type { JsonSchema } from '@valibot/to-json-schema';
import { operatorNames } from '../../functions/proxy/plugins/comparison.ts';
import { logicNames } from '../../functions/proxy/plugins/expression.ts';

const itself: JsonSchema = { $ref: '#/definitions/condition' };
const variable: JsonSchema = { type: 'string', pattern: '^[\\w-]+$' };
const operator: JsonSchema = { type: 'string', pattern: toPattern(operatorNames) };

const joining: JsonSchema = { type: 'string', pattern: toPattern(logicNames) };
/** Which element may be a word shows only the first one; editors hear of the others when the document is checked. */
const list: JsonSchema = { type: 'array', items: { anyOf: [itself, joining] } };

/** A comparison, or a list of conditions that may begin with how they are joined. */
export const conditionSchema: JsonSchema = {
  type: 'array',
  anyOf: [
    tuple([variable, operator, {}]),
    tuple([variable, { const: '!' }, operator, {}]),
    { ...list, minItems: 1 },
  ],
};

/** The field itself: a list; a single comparison is not enough. */
export const varsSchema: JsonSchema = list;

function tuple(items: JsonSchema[]): JsonSchema {
  return { items, additionalItems: false, minItems: items.length, maxItems: items.length };
}

/** Upper and lower case are the same. */
function toPattern(names: readonly string[]): string {
  const choices = names.map((name) =>
    name.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`),
  );
  return `^(${choices.map((choice) => choice.replaceAll('*', '\\*')).join('|')})$`;
}
