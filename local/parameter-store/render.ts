import { createHmac, randomBytes } from 'node:crypto';
import type { ParameterVersion, StoredParameter } from './parameters.ts';
import { latestVersion } from './parameters.ts';

const ACCOUNT = 'arn:aws:ssm:us-east-1:123456789012:parameter';
/** A key for each process, so that the pretended ciphertext is not a digest that allows checking guesses. */
const cipherKey = randomBytes(32);

/** Whether a SecureString is decrypted, and the selector of the version. */
export interface RenderOptions {
  readonly decrypt: boolean;
  readonly selector?: string | undefined;
}

/** Formats a version as GetParameter and similar operations do. */
export function toParameter(
  name: string,
  version: ParameterVersion,
  { decrypt, selector }: RenderOptions,
): Record<string, unknown> {
  return {
    ARN: toArn(name),
    DataType: version.dataType,
    LastModifiedDate: version.modifiedMs / 1000,
    Name: name,
    ...(selector === undefined ? {} : { Selector: selector }),
    Type: version.type,
    Value: toValue(version, decrypt),
    Version: version.version,
  };
}

/** Formats a version as GetParameterHistory does. */
export function toHistoryEntry(
  name: string,
  version: ParameterVersion,
  decrypt: boolean,
): Record<string, unknown> {
  return { ...toMetadata(name, version), Value: toValue(version, decrypt), Labels: [] };
}

/** Formats a parameter as DescribeParameters does, without its value. */
export function toDescription(parameter: StoredParameter): Record<string, unknown> {
  return { ARN: toArn(parameter.name), ...toMetadata(parameter.name, latestVersion(parameter)) };
}

function toMetadata(name: string, version: ParameterVersion): Record<string, unknown> {
  const { description, allowedPattern, keyId } = version;
  return {
    ...(allowedPattern === undefined ? {} : { AllowedPattern: allowedPattern }),
    DataType: version.dataType,
    ...(description === undefined ? {} : { Description: description }),
    ...(keyId === undefined ? {} : { KeyId: keyId }),
    LastModifiedDate: version.modifiedMs / 1000,
    LastModifiedUser: 'arn:aws:iam::123456789012:user/local',
    Name: name,
    Policies: [],
    Tier: version.tier,
    Type: version.type,
    Version: version.version,
  };
}

function toValue(version: ParameterVersion, decrypt: boolean): string {
  if (version.type !== 'SecureString' || decrypt) {
    return version.value;
  }
  const bytes = createHmac('sha512', cipherKey).update(version.value).digest();
  return `AQICAH${bytes.toString('base64')}`;
}

/** The ARN as SSM writes it: the name's slash follows `parameter`. */
export function toArn(name: string): string {
  return name.startsWith('/') ? `${ACCOUNT}${name}` : `${ACCOUNT}/${name}`;
}
