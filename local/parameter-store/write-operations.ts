import { type Input, readName, readNames, readString } from './input.ts';
import type { ParameterVersion, StoredParameter } from './parameters.ts';
import { latestVersion } from './parameters.ts';
import { type StoreState, toStoredName } from './read-operations.ts';
import { parameterNotFound, SsmError, validationError } from './ssm-error.ts';
import { addTags } from './tag-operations.ts';
import { checkName, checkValue, chooseTier, chooseType } from './validation.ts';

/** SSM deletes the oldest version when it creates the 101st. */
const VERSIONS_KEPT = 100;

/** PutParameter: creates version 1, or with Overwrite the next version. */
export function putParameter(state: StoreState, input: Input): unknown {
  const name = toStoredName(readName(input));
  checkName(name);
  const before = state.parameters.get(name);
  checkOverwrite(input, before);
  const next = toNextVersion(state, input, before);
  state.parameters.set({
    name,
    versions: [...(before?.versions ?? []), next].slice(-VERSIONS_KEPT),
    tags: addTags(before?.tags ?? {}, input),
  });
  return { Tier: next.tier, Version: next.version };
}

/** DeleteParameter: deletes all versions of a parameter. */
export function deleteParameter(state: StoreState, input: Input): unknown {
  const name = toStoredName(readName(input));
  if (!state.parameters.delete(name)) {
    throw parameterNotFound(name);
  }
  return {};
}

/** DeleteParameters: up to ten names. Missing ones are listed, and are not an error. */
export function deleteParameters(state: StoreState, input: Input): unknown {
  const deleted: string[] = [];
  const invalid: string[] = [];
  for (const name of new Set(readNames(input, 10))) {
    (state.parameters.delete(toStoredName(name)) ? deleted : invalid).push(name);
  }
  return { DeletedParameters: deleted, InvalidParameters: invalid };
}

function checkOverwrite(input: Input, before: StoredParameter | undefined): void {
  const { Overwrite: overwrite, Tags: tags } = input;
  if (before !== undefined && overwrite !== true) {
    throw new SsmError(
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      { type: 'ParameterAlreadyExists' },
    );
  }
  if (overwrite === true && Array.isArray(tags) && tags.length > 0) {
    throw validationError(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
}

function toNextVersion(
  state: StoreState,
  input: Input,
  before: StoredParameter | undefined,
): ParameterVersion {
  const value = readName(input, 'Value');
  const latest = before && latestVersion(before);
  const type = chooseType(readString(input, 'Type'), before);
  const allowedPattern = readString(input, 'AllowedPattern') ?? latest?.allowedPattern;
  checkValue(value, allowedPattern);
  const description = readString(input, 'Description') ?? latest?.description;
  const keyId = readString(input, 'KeyId') ?? latest?.keyId ?? 'alias/aws/ssm';
  return {
    version: (latest?.version ?? 0) + 1,
    value,
    type,
    tier: chooseTier(value, readString(input, 'Tier'), before),
    dataType: readString(input, 'DataType') ?? latest?.dataType ?? 'text',
    modifiedMs: state.now().getTime(),
    ...(description === undefined ? {} : { description }),
    ...(allowedPattern === undefined ? {} : { allowedPattern }),
    ...(type === 'SecureString' ? { keyId } : {}),
  };
}
