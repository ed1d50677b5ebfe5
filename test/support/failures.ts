/** How S3, KMS and Parameter Store fail, each in the words of a test's name: "S3 …". */
import type { Fault } from '../../local/faults.ts';
import type { Interception } from '../../local/parameter-store/parameter-store.ts';

/** A failure, and what the log says of it. */
export type Failure<F> = readonly [what: string, fault: F, said: RegExp];

export type ServiceFault = Omit<Fault, 'on' | 'times'>;

/** For every operation. */
const ofConnections: readonly Failure<ServiceFault>[] = [
  ['breaks the connection', { reset: true }, /gave no answer/],
  ['ends inside its answer', { truncateAt: 20 }, /gave no answer.*ended before it was complete/],
];

/** Failures of S3 that pass by themselves. */
export const s3Passing: readonly Failure<ServiceFault>[] = [
  ['says slow down', { error: { code: 'SlowDown' } }, /SlowDown \(503\)/],
  ['is unavailable', { error: { code: 'ServiceUnavailable', status: 503 } }, /ServiceUnavailable/],
  ['fails', { error: { code: 'InternalError' } }, /InternalError \(500\)/],
  ...ofConnections,
];

/** Failures of S3 that somebody has to do something about. */
export const s3Lasting: readonly Failure<ServiceFault>[] = [
  ['refuses', { error: { code: 'AccessDenied' } }, /AccessDenied \(403\)/],
  ['has no such bucket', { error: { code: 'NoSuchBucket' } }, /NoSuchBucket \(404\)/],
  ['finds the token expired', { error: { code: 'ExpiredToken' } }, /ExpiredToken \(400\)/],
];

/** Bytes that S3 sends in place of an encrypted snapshot. */
export const damages: readonly Failure<ServiceFault>[] = [
  ['sends other bytes', { corrupt: (body) => Buffer.alloc(body.length, 7) }, /neither gzip nor/],
  ['sends nothing', { corrupt: () => Buffer.alloc(0) }, /neither gzip nor/],
  ['sends one bit that differs', { corrupt: flipLastBit }, /it is damaged/],
  ['sends half of it as if it were whole', { corrupt: toHalf }, /it is damaged/],
];

export const kmsPassing: readonly Failure<ServiceFault>[] = [
  ['throttles', toKmsError('ThrottlingException'), /ThrottlingException/],
  ['fails', toKmsError('KMSInternalException', 500), /KMSInternalException/],
  ...ofConnections,
  ['answers what is no JSON', { corrupt: () => Buffer.from('<html>busy') }, /InvalidAnswer/],
];

export const kmsLasting: readonly Failure<ServiceFault>[] = [
  ['refuses', toKmsError('AccessDeniedException'), /AccessDeniedException/],
  ['has the key disabled', toKmsError('DisabledException'), /DisabledException/],
  ['deletes the key', toKmsError('KMSInvalidStateException'), /KMSInvalidStateException/],
  ['answers without a key', { corrupt: () => Buffer.from('{}') }, /without a key of 32 bytes/],
];

export const parameterStorePassing: readonly (readonly [string, Interception])[] = [
  ['throttles', { type: 'ThrottlingException', message: 'Rate exceeded', status: 400 }],
  ['fails', { type: 'InternalServerError', status: 500 }],
  ['breaks the connection', 'hang-up'],
  ['answers what is no JSON', { body: '<html>busy' }],
];

/** Throttling is not among them: it is waited for, two minutes long. */
export const parameterStoreLasting: readonly (readonly [string, Interception])[] = [
  ['fails', { type: 'InternalServerError', status: 500 }],
  ['breaks the connection', 'hang-up'],
  ['answers without parameters', { body: '{}' }],
  ['finds the token expired', { type: 'ExpiredTokenException', status: 400 }],
];

function toKmsError(code: string, status = 400): ServiceFault {
  return { error: { code, status } };
}

function flipLastBit(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  changed.writeUInt8((changed.at(-9) ?? 0) ^ 1, Math.max(0, changed.length - 9));
  return changed;
}

function toHalf(body: Buffer): Buffer {
  return body.subarray(0, body.length / 2);
}
