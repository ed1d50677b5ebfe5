/** Rules between fields of a plugin, as far as an editor can check them. The proxy's own code checks the rest. */
import type { JsonSchema } from '@valibot/to-json-schema';

const oneOfThese = (fields: readonly string[]): JsonSchema => ({
  anyOf: fields.map((field) => ({ required: [field] })),
});

const notTogether = (fields: readonly string[]): JsonSchema => ({ not: { required: [...fields] } });

const rules: Readonly<Record<string, JsonSchema>> = {
  redirect: {
    ...oneOfThese(['http_to_https', 'uri', 'regex_uri']),
    ...notTogether(['uri', 'regex_uri']),
  },
  'proxy-rewrite': oneOfThese([
    'uri',
    'regex_uri',
    'method',
    'host',
    'headers',
    'use_real_request_uri_unsafe',
  ]),
};

/** Adds the rules of a plugin to its schema. */
export function withRules(plugin: string, schema: JsonSchema): JsonSchema {
  return { ...schema, ...rules[plugin] };
}
