/** What a deployment that failed says: which service, which place and, where it is that, which permission. */
import { describeError } from '../proxy/http/errors.ts';
import { AwsServiceError } from '../proxy/send/aws-json.ts';

/** What the publisher reads and writes. */
export interface Places {
  /** Root path of the documents. */
  readonly root: string;
  /** `s3://<bucket>/<key>` of the snapshot. */
  readonly uri: string;
  /** Id of the KMS key; undefined where the snapshot is not encrypted. */
  readonly keyId: string | undefined;
}

type Place = keyof Places;

/** IAM's action has the name of the operation. */
const operations: Readonly<Record<string, readonly [service: string, place: Place]>> = {
  GetObject: ['s3', 'uri'],
  PutObject: ['s3', 'uri'],
  GenerateDataKey: ['kms', 'keyId'],
  Decrypt: ['kms', 'keyId'],
  GetParametersByPath: ['ssm', 'root'],
  GetParameters: ['ssm', 'root'],
  GetParameterHistory: ['ssm', 'root'],
};

/** @returns one sentence for CloudFormation's events; never a value of a document */
export function toReason(error: unknown, places: Places): string {
  const from = `from ${places.root} to ${places.uri}`;
  const lacking = error instanceof AwsServiceError ? findLacking(error, places) : undefined;
  const allow = lacking === undefined ? '' : ` Allow the publisher's role ${lacking}.`;
  return `nothing was published ${from}: ${describeError(error)}.${allow}`;
}

/** @returns action and resource of a refusal; undefined for any other error */
function findLacking({ type, message }: AwsServiceError, places: Places): string | undefined {
  if (!/^(AccessDenied|AllAccessDisabled|Status403)/.test(type)) return undefined;
  // The message begins with type and status, and goes on with the operation (AwsServiceError).
  const [, operation = ''] = /\): (\w+): /.exec(message) ?? [];
  const [service, place] = operations[operation] ?? [];
  if (service === undefined || place === undefined) return undefined;
  return `${service}:${operation} on ${places[place]}`;
}
