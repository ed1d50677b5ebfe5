/** Variables of a response: `status`, `sent_http_<header>`, `upstream_http_<header>`. */
import { findHeader, toDashed } from '../../../http/headers.ts';
import type { ProxyResponse } from '../../../http/message.ts';
import type { FindMore } from '../../text-template.ts';
import type { VariableSubject } from '../../variables.ts';

/** A request with its response. */
export interface ResponseSubject extends VariableSubject {
  readonly response: Pick<ProxyResponse, 'status' | 'headers'>;
}

const ofHeaders = /^(?:sent|upstream)_http_(\w+)$/;

/** @returns how a variable of a response is read, undefined for one that there is not */
export const findResponseVariable: FindMore<ResponseSubject> = (name) => {
  if (name === 'status' || name === 'upstream_status')
    return ({ response }) => String(response.status);
  const [, written] = ofHeaders.exec(name) ?? [];
  if (written === undefined) return undefined;
  const header = toDashed(written.toLowerCase());
  return ({ response }) => findHeader(response.headers, header);
};
