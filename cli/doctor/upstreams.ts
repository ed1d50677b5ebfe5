/**
 * Checks whether each upstream accepts a signature for the route's region and service. The caller's own keys sign, not
 * the role's.
 */

import { findHeader } from '../../functions/proxy/http/headers.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import type { Credentials } from '../../functions/proxy/sign/provider.ts';
import { findDenial } from '../../functions/proxy/upstream/denial.ts';
import { toCall } from '../invoke/request.ts';
import { sendCall } from '../invoke/send.ts';
import type { RouteUpstream } from '../rehearsal/upstreams.ts';
import { toCliError } from '../terminal/cli-error.ts';
import { type Finding, type ServerTime, toServerTime } from './finding.ts';

/** The result of probing one upstream. */
export interface Probed {
  readonly finding: Finding;
  readonly time: ServerTime | undefined;
}

const timeoutMs = 10_000;
const method = 'HEAD';
const none = { service: 'none', region: 'none' };

/** Removes duplicates, because several routes often share an upstream. */
export function distinctUpstreams(upstreams: readonly RouteUpstream[]): RouteUpstream[] {
  const byKey = new Map<string, RouteUpstream>();
  for (const upstream of upstreams) {
    const { target, signing } = upstream;
    const key = JSON.stringify([target.host, target.basePath, signing?.scope]);
    if (!byKey.has(key)) byKey.set(key, upstream);
  }
  return [...byKey.values()];
}

/** Sends one `HEAD` to the path of `function_uri`. */
export async function probeUpstream(
  { route, target, signing }: RouteUpstream,
  credentials: Credentials,
): Promise<Probed> {
  const { protocol, host, basePath: path } = target;
  const url = `${protocol}//${host}${path}`;
  const owner = route.id.includes('/') ? route.id : `route ${route.id}`;
  const about = `${method} ${url} (${owner})`;
  const scope = signing?.scope ?? none;
  try {
    const call = toCall({ method, url, headers: [], body: Buffer.alloc(0), ...scope });
    const keys = signing ? credentials : undefined;
    const response = await sendCall(call, { scope, credentials: keys, timeoutMs });
    for await (const _ of response.body);
    const date = findHeader(response.headers, 'date');
    return {
      finding: judgeAnswer(response, about, signing && { target, scope, method, path }),
      time: toServerTime(host, date),
    };
  } catch (error) {
    const text = `${about}: ${toCliError(error).message}`;
    const todo =
      'Check the host of function_uri or of the node, and whether the upstream is running.';
    return { finding: { check: 'upstream', status: 'failed', text, todo }, time: undefined };
  }
}

function judgeAnswer(
  response: ProxyResponse,
  about: string,
  signed: Parameters<typeof findDenial>[1] | undefined,
): Finding {
  const { status } = response;
  const denial = signed && findDenial(response, signed);
  const text = `${about} answers ${status}${denial ? ` ${denial.errorType}` : ''}`;
  switch (denial?.code) {
    case undefined:
      if (!signed && (status === 401 || status === 403)) {
        const todo =
          'If it demands IAM, give the route authorization.iam; an apikey is not sent by this check.';
        return { check: 'upstream', status: 'warning', text: `${text} without a signature`, todo };
      }
      return { check: 'upstream', status: 'ok', text: `${text}${explainStatus(response)}` };
    case 'UPSTREAM_SIGNATURE_REJECTED':
      return {
        check: 'upstream',
        status: 'failed',
        text: `${text}, signed for region ${signed?.scope.region} and service ${signed?.scope.service}`,
        todo: 'Correct authorization.iam.aws_region and .service of the route, or the clock.',
      };
    default:
      return {
        check: 'upstream',
        status: 'warning',
        text: `${text}: it answers, and refuses your credentials`,
        todo: 'The proxy uses its role instead: check that with --role. Or use credentials that may call the upstream.',
      };
  }
}

/** Says why an error status is no fault: the host was reached, and did not refuse the signature. */
function explainStatus(response: ProxyResponse): string {
  const { status } = response;
  if (status < 400) return '';
  const errorType = findHeader(response.headers, 'x-amzn-errortype')?.split(':', 1)[0];
  if (errorType === 'MissingAuthenticationTokenException') {
    return ': API Gateway’s answer where it has no HEAD at this path; routes add their own paths';
  }
  const own = ': its own answer to HEAD at this path';
  return status === 401 || status === 403 ? `${own}, and no refusal of the signature` : own;
}
