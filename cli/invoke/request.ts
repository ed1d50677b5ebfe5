/** METHOD URL -H -d → the request to sign, for a host that may see a signature of one's own. */
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

/** The call that `invoke` is asked for, as given on the command line. */
export interface AskedCall {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
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
  /** The host, which has passed the check. */
  readonly allowedHosts: readonly AllowedHost[];
}

/** @throws CliError on what cannot be sent, and on a host that a signature should not be shown to */
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
    throw new CliError('USAGE', `-H: ${own[0]} is set by countersign itself.`);
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

/** As the proxy works it out, the options in place of the document's fields. */
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

/** AWS endpoints and this machine may see a signature; others if service and region are asked for by name. */
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
      `${hostname} is no AWS endpoint that countersign knows: it would be shown a signature with your credentials.`,
      { hint: 'Give both --service and --region if you mean it.' },
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
