/** Converts METHOD, URL, -H and -d to a request to sign, if the host may receive a signature of the user. */
import { isSetBySending } from '../../functions/proxy/http/header-names.ts';
import { toWireValue } from '../../functions/proxy/http/headers.ts';
import {
  type HeaderList,
  toLengthHeader,
  type UpstreamRequest,
} from '../../functions/proxy/http/message.ts';
import { token } from '../../functions/proxy/http/token.ts';
import { type AllowedHost, isLoopback } from '../../functions/proxy/send/hosts.ts';
import { parseEndpointName } from '../../functions/proxy/sign/partitions.ts';
import type { SigningScope } from '../../functions/proxy/sign/sign.ts';
import { toScope } from '../../functions/proxy/upstream/iam.ts';
import { parseTarget, type Target, TargetError } from '../../functions/proxy/upstream/target.ts';
import { CliError } from '../terminal/cli-error.ts';

/** The call of `invoke`, as given on the command line. */
export interface AskedCall {
  readonly method: string;
  readonly url: string;
  /** Headers with lower-case names. */
  readonly headers: HeaderList;
  readonly body: Buffer;
  /** As given on the command line. */
  readonly service: string | undefined;
  readonly region: string | undefined;
}

/** A call that is ready to be signed and sent. */
export interface Call {
  readonly target: Target;
  readonly request: UpstreamRequest;
  /** The host, if it passed the check. */
  readonly allowedHosts: readonly AllowedHost[];
}

/** @throws CliError for requests that cannot be sent, and for a host that must not receive a signature */
export function toCall(asked: AskedCall): Call {
  const { headers, body } = asked;
  if (!token.test(asked.method)) {
    throw new CliError('USAGE', 'METHOD: expected an HTTP method such as GET.');
  }
  const method = asked.method.toUpperCase();
  const allowedHosts = allowHost(asked);
  const target = readTarget(asked.url, allowedHosts);
  const own = headers.find(([name]) => isSetBySending(name));
  if (own) {
    throw new CliError('USAGE', `-H: countersign sets ${own[0]} itself.`);
  }
  return {
    target,
    allowedHosts,
    request: {
      method,
      path: target.basePath,
      query: target.baseQuery,
      headers: [
        ['host', target.host],
        ...headers.map(([name, value]) => [name, toWireValue(value)] as const),
        ...toLengthHeader(method, body),
      ],
      body,
    },
  };
}

/** Derives region and service as the proxy does; the options take the place of the document's fields. */
export function toCallScope(
  { service, region }: Pick<AskedCall, 'service' | 'region'>,
  target: Target,
  ownRegion: string,
): SigningScope {
  const asked = {
    ...(service === undefined ? {} : { service }),
    ...(region === undefined ? {} : { aws_region: region }),
  };
  return toScope(asked, target, ownRegion);
}

/** AWS endpoints and this machine may receive a signature. Other hosts require explicit service and region. */
function allowHost({ url, service, region }: AskedCall): AllowedHost[] {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new CliError('USAGE', 'URL: expected an absolute URL that begins with https://.');
  }
  const hostname = parsed.hostname.replace(/^\[|\]$/g, '');
  const isMeant = service !== undefined && region !== undefined;
  if (!isMeant && !isLoopback(hostname) && !parseEndpointName(hostname)) {
    throw new CliError(
      'USAGE',
      `${hostname} is not a known AWS endpoint, and would receive a signature with your credentials.`,
      { hint: 'To call it anyway, give both --service and --region.' },
    );
  }
  return [{ hostname, isWildcard: false, port: undefined }];
}

function readTarget(url: string, allowedHosts: readonly AllowedHost[]): Target {
  try {
    return parseTarget(url, allowedHosts);
  } catch (error) {
    throw error instanceof TargetError ? toUrlError(error) : error;
  }
}

function toUrlError(cause: TargetError): CliError {
  return new CliError('USAGE', `URL: expected ${cause.message}.`, { cause });
}
