/** Ids of resources as people write them: without the digests that CDK appends. The template becomes shorter, too. */
import type { JsonObject } from './json.ts';

/** @param taken names of parameters, which share one space of names with resources */
export function withShortIds(
  template: JsonObject,
  ids: readonly string[],
  taken: readonly string[],
): JsonObject {
  const shortIds = new Map(ids.map((id) => [id, id.replace(digest, '')]));
  const all = [...shortIds.values(), ...taken];
  const twice = all.find((id, index) => all.indexOf(id) !== index);
  if (twice !== undefined) throw new Error(`two parts of the template have the id ${twice}`);
  const text = JSON.stringify(template);
  return JSON.parse(text.replace(word, (id) => shortIds.get(id) ?? id));
}

const digest = /([0-9A-F]{8})+$/;
const word = /\w+/g;
