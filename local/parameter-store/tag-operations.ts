import { type Input, readName } from './input.ts';
import type { StoredParameter } from './parameters.ts';
import { requireParameter, type StoreState, toStoredName } from './read-operations.ts';
import { constraintError, SsmError, validationError } from './ssm-error.ts';

/** SSM allows this many tags of one resource. */
const maxTags = 50;

type Tags = Readonly<Record<string, string>>;

/** AddTagsToResource, for parameters. */
export function addTagsToResource(state: StoreState, input: Input): unknown {
  const parameter = requireResource(state, input);
  const { Tags: tags } = input;
  if (!Array.isArray(tags)) throw constraintError(null, 'tags', 'Member must not be null');
  state.parameters.set({ ...parameter, tags: addTags(parameter.tags, input) });
  return {};
}

/** RemoveTagsFromResource, for parameters. Unknown keys are not an error. */
export function removeTagsFromResource(state: StoreState, input: Input): unknown {
  const parameter = requireResource(state, input);
  const { TagKeys: keys } = input;
  if (!Array.isArray(keys)) throw constraintError(null, 'tagKeys', 'Member must not be null');
  const left = Object.entries(parameter.tags).filter(([key]) => !keys.includes(key));
  state.parameters.set({ ...parameter, tags: Object.fromEntries(left) });
  return {};
}

/** ListTagsForResource, for parameters. */
export function listTagsForResource(state: StoreState, input: Input): unknown {
  const { tags } = requireResource(state, input);
  return { TagList: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

/** Combines the tags of a parameter with those of the input. Throws for tags that SSM would refuse. */
export function addTags(before: Tags, { Tags: tags }: Input): Tags {
  const added = Array.isArray(tags) ? (tags as { Key?: unknown; Value?: unknown }[]) : [];
  const all = { ...before, ...Object.fromEntries(added.map(readTag)) };
  if (Object.keys(all).length > maxTags) {
    const message = `A resource can have at most ${maxTags} tags.`;
    throw new SsmError(message, { type: 'TooManyTagsError' });
  }
  return all;
}

function readTag({ Key: key, Value: value }: { Key?: unknown; Value?: unknown }): [string, string] {
  checkText(key, 'tags.member.key', { min: 1, max: 128 });
  checkText(value, 'tags.member.value', { min: 0, max: 256 });
  if (/^aws:/i.test(key)) {
    throw validationError("Tag keys can't begin with aws:, which is reserved for AWS.");
  }
  return [key, value];
}

function checkText(
  text: unknown,
  member: string,
  { min, max }: { min: number; max: number },
): asserts text is string {
  if (typeof text !== 'string') throw constraintError(null, member, 'Member must not be null');
  if (text.length < min || text.length > max) {
    const bound =
      text.length < min ? `greater than or equal to ${min}` : `less than or equal to ${max}`;
    throw constraintError(text, member, `Member must have length ${bound}`);
  }
  if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text)) {
    const pattern = '^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$';
    throw constraintError(
      text,
      member,
      `Member must satisfy regular expression pattern: ${pattern}`,
    );
  }
}

/** The store has no other kinds of resources. */
function requireResource(state: StoreState, input: Input): StoredParameter {
  const name = toStoredName(readName(input, 'ResourceId'));
  if (readName(input, 'ResourceType') !== 'Parameter') {
    throw new SsmError('The resource type is not valid.', { type: 'InvalidResourceType' });
  }
  try {
    return requireParameter(state, name);
  } catch (error) {
    throw Object.assign(
      new SsmError('The resource ID is not valid.', { type: 'InvalidResourceId' }),
      { cause: error },
    );
  }
}
