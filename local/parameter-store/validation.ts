import type { ParameterTier, ParameterType, StoredParameter } from './parameters.ts';
import { latestVersion } from './parameters.ts';
import { constraintError, SsmError, validationError } from './ssm-error.ts';

const TYPES: readonly string[] = ['String', 'StringList', 'SecureString'];
const TIERS: readonly string[] = ['Standard', 'Advanced', 'Intelligent-Tiering'];
const STANDARD_BYTES = 4096;
const ADVANCED_BYTES = 8192;
const DOCS =
  'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';
const NAME_RULES =
  'If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_';

/** Throws if SSM would refuse this name for a parameter. */
export function checkName(name: string): void {
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw validationError(
      `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive). ${NAME_RULES}`,
    );
  }
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || name.includes('//') || name.endsWith('/')) {
    throw validationError(
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). ${NAME_RULES}`,
    );
  }
  if (name.includes('/') && !name.startsWith('/')) {
    throw validationError('Parameter name must be a fully qualified name.');
  }
  if (name.length > 1011) {
    throw constraintError(name, 'name', 'Member must have length less than or equal to 2048');
  }
  if (name.split('/').length > 16) {
    throw new SsmError(
      'A hierarchy can have a maximum of 15 levels. For more information, see Requirements and constraints for parameter names.',
      { type: 'HierarchyLevelLimitExceededException' },
    );
  }
}

/** Throws if SSM would refuse the value. `pattern` is the parameter's allowedPattern. */
export function checkValue(value: string, pattern: string | undefined): void {
  if (value === '') {
    throw constraintError('', 'value', 'Member must have length greater than or equal to 1.');
  }
  if (/\{\{.*\}\}/s.test(value)) {
    throw validationError(
      'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
    );
  }
  if (pattern !== undefined && !compilePattern(pattern).test(value)) {
    throw new SsmError(`Parameter value, cannot be validated against allowedPattern: ${pattern}`, {
      type: 'ParameterPatternMismatchException',
    });
  }
}

/** The requested type, else the existing type of the parameter, else String. */
export function chooseType(asked: string | undefined, before: StoredParameter | undefined) {
  if (asked !== undefined && !TYPES.includes(asked)) {
    const constraint = `Member must satisfy enum value set: [${TYPES.join(', ')}]`;
    throw constraintError(asked, 'type', constraint);
  }
  return (asked ?? (before && latestVersion(before).type) ?? 'String') as ParameterType;
}

/** Chooses the tier that the value needs and the caller allows. Advanced parameters stay advanced. */
export function chooseTier(
  value: string,
  asked: string | undefined,
  before: StoredParameter | undefined,
): ParameterTier {
  if (asked !== undefined && !TIERS.includes(asked)) {
    const constraint = `Member must satisfy enum value set: [${TIERS.join(', ')}]`;
    throw constraintError(asked, 'tier', constraint);
  }
  const current = before && latestVersion(before).tier;
  if (asked === 'Standard' && current === 'Advanced') {
    throw validationError(
      `This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter. For more information, see ${DOCS}`,
    );
  }
  const isLarge = Buffer.byteLength(value) > STANDARD_BYTES;
  const isAsked = asked === 'Advanced' || (asked === 'Intelligent-Tiering' && isLarge);
  const tier = isAsked || current === 'Advanced' ? 'Advanced' : 'Standard';
  checkSize(value, tier);
  return tier;
}

function checkSize(value: string, tier: ParameterTier): void {
  const limitBytes = tier === 'Advanced' ? ADVANCED_BYTES : STANDARD_BYTES;
  if (Buffer.byteLength(value) <= limitBytes) {
    return;
  }
  const advice =
    tier === 'Advanced'
      ? ''
      : ' To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.';
  throw validationError(
    `${tier} tier parameters support a maximum parameter value of ${limitBytes} characters.${advice} For more information, see ${DOCS}`,
  );
}

function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw Object.assign(
      new SsmError(`The provided allowedPattern is not a valid regular expression: ${pattern}`, {
        type: 'InvalidAllowedPatternException',
      }),
      { cause: error },
    );
  }
}
