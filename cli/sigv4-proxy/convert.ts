/** Converts command lines of aws-sigv4-proxy to routes, and reports each difference. */
import { parseEndpointName } from '../../functions/proxy/sign/partitions.ts';
import {
  type Conversion,
  type Converted,
  takeId,
  toPlainId,
  toRefusal,
  toRefusing,
} from '../import/conversion.ts';
import { convertHeaders } from './convert-headers.ts';
import { type ConvertedSettings, convertTransport, toHostname } from './convert-transport.ts';
import type { CommandLine } from './find.ts';
import { type FlagName, type Flags, lastOf, parseFlags } from './flags.ts';

/** How command lines are converted. */
export interface ConvertOptions {
  /** What the flags were read from, for messages. */
  readonly source: string;
  /** Path of the route. @default - all paths, or for several processes all below the name of each */
  readonly uri: string | undefined;
}

/**
 * Converts each command line to a route.
 * @throws CliError INVALID for flags that aws-sigv4-proxy would refuse
 */
export function convertSigv4Proxy(
  lines: readonly CommandLine[],
  { source, uri }: ConvertOptions,
): Conversion {
  const taken = new Set<string>();
  const results = lines.map(({ name, words }): Partial<Conversion> => {
    const flags = parseFlags(words, source);
    const id = takeId(taken, toPlainId(name));
    const missing = findMissing(flags);
    if (missing) return { dropped: [`${id}: ${missing}`] };
    if (lines.length === 1) return { documents: [convertOne(flags, { id, uri: uri ?? '/*' })] };
    const { remarks, ...document } = convertOne(flags, { id, uri: `/${id}/*` });
    const remark = `its paths begin with /${id}/ here, because one proxy serves all of them`;
    return { documents: [{ ...document, remarks: [...remarks, remark] }] };
  });
  const dropped = results.flatMap((result) => result.dropped ?? []);
  return {
    documents: results.flatMap(({ documents = [] }) => documents),
    dropped,
    isIncomplete: dropped.length > 0,
  };
}

/** Flags whose values decide what is called, and as whom. */
const decisive: readonly FlagName[] = ['host', 'sign-host', 'name', 'region', 'role-arn'];

/** Why there can be no route, as a sentence. */
function findMissing(flags: Flags): string | undefined {
  const unknown = decisive.find((name) => /\$[{(\w]|\{\{/.test(lastOf(flags, name) ?? ''));
  if (unknown) return `the value of --${unknown} is a variable; put the value itself there`;
  if (lastOf(flags, 'host')) return undefined;
  return 'without --host each client chooses the upstream by its Host header. Here the document names it, so give --host';
}

interface RouteContext {
  readonly id: string;
  readonly uri: string;
}

function convertOne(flags: Flags, { id, uri }: RouteContext): Converted {
  const target = convertTarget(flags);
  const headers = convertHeaders(flags, id);
  const iam = convertSigning(flags, target.host);
  const transport = convertTransport(flags, target.host);
  const { rewrite, wider } = headers;
  const settings = {
    function_uri: `${target.scheme}://${target.host}/`,
    authorization: { iam: iam.settings, ...headers.authorization },
    timeout: timeoutMs,
    ...transport.settings,
  };
  const plugins = { ...(rewrite && { 'proxy-rewrite': rewrite }), 'aws-lambda': settings };
  const document = { uri, plugins };
  return {
    kind: 'routes',
    id,
    document: wider.length > 0 ? toRefusing(document) : document,
    remarks: [
      ...[...target.remarks, ...iam.remarks, ...headers.remarks, ...transport.remarks],
      `timeout is ${timeoutMs} ms: aws-sigv4-proxy has none, and the default here is 3000 ms`,
      ...(wider.length > 0 ? [toRefusal(wider)] : []),
    ],
    accessRemark:
      'it is open: aws-sigv4-proxy answers whoever reaches it, and this proxy has a public URL; add an access plugin',
  };
}

const timeoutMs = 30_000;

interface ConvertedTarget {
  readonly scheme: string;
  readonly host: string;
  readonly remarks: readonly string[];
}

/** `--sign-host` is the `Host` header, which is signed; `--host` is where the connection goes. Here both are one. */
function convertTarget(flags: Flags): ConvertedTarget {
  const host = lastOf(flags, 'host') ?? '';
  const signed = lastOf(flags, 'sign-host');
  const isAws = parseEndpointName(toHostname(signed ?? host)) !== undefined;
  const isHttp = lastOf(flags, 'upstream-url-scheme') === 'http';
  const remarks = [];
  if (signed && signed !== host) {
    const instead = parseEndpointName(toHostname(signed))?.isUpstream
      ? `requests go to ${signed} itself and not to ${host}: here the host that is called is the host that is signed`
      : `--sign-host is left out: requests are signed for the host that they go to, and an upstream that expects ${signed} refuses them`;
    remarks.push(instead);
  }
  if (isHttp && isAws) remarks.push('AWS is called over https: http is for loopback hosts only');
  const isSigned = signed !== undefined && parseEndpointName(toHostname(signed))?.isUpstream;
  return { scheme: isHttp && !isAws ? 'http' : 'https', host: isSigned ? signed : host, remarks };
}

/** aws-sigv4-proxy takes service and Region from its flags if it has both, and else from the host. */
function convertSigning(flags: Flags, host: string): ConvertedSettings {
  const [service, region] = [lastOf(flags, 'name'), lastOf(flags, 'region')];
  const role = lastOf(flags, 'role-arn');
  const own = role === undefined ? {} : { role_arn: role };
  if (service === undefined || region === undefined) {
    const only = service === undefined ? region && '--region' : '--name';
    const remark = `${only} is left out: without the other one, service and Region follow from the host`;
    return { settings: own, remarks: only ? [remark] : [] };
  }
  const known = parseEndpointName(toHostname(host));
  const isKnown = known?.service === service && known.region === region;
  return { settings: { ...own, ...(!isKnown && { aws_region: region, service }) }, remarks: [] };
}
