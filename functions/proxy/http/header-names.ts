/** Header names with a meaning for the proxy: who sets each one, and what clients and documents may do with it. */

/** What a document names a header for. */
export type HeaderUse =
  /** A header that carries the client's `Authorization`, or that identifies the client. */
  | 'identity'
  /** The id of a request. */
  | 'request-id'
  /** A header that an authorizer is sent. */
  | 'authorizer';

/**
 * `connection`: ends at each connection. `sender`: follows from the target and the body. `signer`: part of a signature.
 * `proxy`: added to requests. `answer`: added to responses, only by the proxy. `plugins`: identifies the client.
 * `front`: true only where a proxy in front of the upstream sets it. `client` and `upstream`: their own.
 */
type SetBy =
  | 'connection'
  | 'sender'
  | 'signer'
  | 'proxy'
  | 'answer'
  | 'plugins'
  | 'front'
  | 'client'
  | 'upstream';

/** Header names with the same owner and the same uses. */
export interface HeaderRow {
  readonly setBy: SetBy;
  /** Lower case, separated by blanks; a `*` at the end stands for any rest. A whole name precedes a prefix. */
  readonly names: string;
  /** Whether a client's header never reaches an upstream. */
  readonly isDropped: boolean;
  /** What a document may use the name for. A name without a row is open to all uses. */
  readonly uses: readonly HeaderUse[];
}

/** The table, in order of precedence. */
export const headerTable: readonly HeaderRow[] = [
  // RFC 9110 §7.6.1, with the obsolete names that senders still use. `expect` goes with them: the body is here already,
  // so there is nothing to wait for (§10.1.1).
  {
    setBy: 'connection',
    names:
      'connection expect http2-settings keep-alive proxy-authenticate proxy-authentication-info proxy-authorization proxy-connection te trailer transfer-encoding upgrade',
    isDropped: true,
    uses: [],
  },
  { setBy: 'sender', names: 'content-length host', isDropped: true, uses: [] },
  { setBy: 'signer', names: 'authorization', isDropped: true, uses: ['authorizer'] },
  {
    setBy: 'signer',
    names: 'x-amz-content-sha256 x-amz-date x-amz-security-token',
    isDropped: true,
    uses: [],
  },
  // Parameters of an AWS operation: only calls that the proxy makes by itself have them.
  { setBy: 'proxy', names: 'x-amz-*', isDropped: true, uses: [] },
  // `x-apigw-api-id` would let a client choose the API behind a VPC endpoint.
  {
    setBy: 'proxy',
    names: 'accept-encoding via x-apigw-api-id x-forwarded-for x-forwarded-host x-forwarded-proto',
    isDropped: true,
    uses: ['authorizer'],
  },
  {
    setBy: 'plugins',
    names: 'x-consumer-* x-credential-identifier',
    isDropped: true,
    uses: ['authorizer'],
  },
  // The default of `forward_as`; then what gateways tell the applications behind them about a user or about a client's
  // certificate: oauth2-proxy, Authelia, Authentik, Kong, Pomerium, Tailscale, Cloudflare Access, Google IAP, Azure,
  // SiteMinder, Envoy, Traefik, RFC 9440. Such applications believe these headers, and no honest client sends them.
  {
    setBy: 'plugins',
    names:
      'x-original-authorization cf-access-authenticated-user-* cf-access-jwt-assertion client-cert client-cert-chain iv-creds iv-groups iv-user remote-email remote-group remote-groups remote-name remote-user sm-user sm-universalid ssl-client-* tailscale-user-* x-anonymous-consumer x-apigateway-api-userinfo x-arr-clientcert x-auth-request-* x-authenticated-* x-authentik-* x-client-cert x-endpoint-api-userinfo x-envoy-external-address x-envoy-internal x-forwarded-access-token x-forwarded-client-cert x-forwarded-email x-forwarded-groups x-forwarded-preferred-username x-forwarded-tls-client-cert x-forwarded-tls-client-cert-info x-forwarded-user x-goog-authenticated-user-* x-goog-iap-jwt-assertion x-ms-client-principal x-ms-client-principal-* x-ms-token-* x-pomerium-claim-* x-pomerium-jwt-assertion x-remote-* x-ssl-client-* x-userinfo x-webauth-*',
    isDropped: true,
    uses: ['identity', 'authorizer'],
  },
  // Frameworks take these for the method, path, prefix, host, scheme or client address of the request, in place of what
  // was matched, signed and limited. CGI makes HTTP_PROXY of `proxy`, and programs connect through that (CVE-2016-5385).
  {
    setBy: 'front',
    names:
      'cf-connecting-ip fastly-client-ip forwarded front-end-https proxy true-client-ip x-amzn-* x-client-ip x-cluster-client-ip x-forwarded-method x-forwarded-path x-forwarded-prefix x-forwarded-scheme x-forwarded-server x-forwarded-ssl x-forwarded-uri x-host x-http-method x-http-method-override x-method-override x-original-host x-original-method x-original-uri x-original-url x-real-ip x-rewrite-url x-scheme x-url-scheme',
    isDropped: true,
    uses: ['authorizer'],
  },
  // Most signers do not sign these headers, and the others sign other values.
  {
    setBy: 'client',
    names:
      'accept accept-* cache-control content-* cookie from max-forwards pragma referer sec-* user-agent x-amzn-trace-id __proto__',
    isDropped: false,
    uses: ['authorizer'],
  },
  {
    setBy: 'client',
    names: 'accept* proxy-*',
    isDropped: false,
    uses: ['request-id', 'authorizer'],
  },
  { setBy: 'client', names: 'x-forwarded-*', isDropped: false, uses: ['identity', 'authorizer'] },
  {
    setBy: 'upstream',
    names: 'location set-cookie www-authenticate',
    isDropped: false,
    uses: ['identity', 'authorizer'],
  },
  { setBy: 'answer', names: 'countersign-*', isDropped: false, uses: ['identity', 'authorizer'] },
];

/** Every prefix is at least this long. Most headers of a request begin like none of them, and one look-up says so. */
const firstCharacters = 3;
const { byName, byBeginning } = indexRows();

/** One pass: each cold start takes it. */
function indexRows() {
  const names = new Map<string, HeaderRow>();
  const beginnings = new Map<string, (readonly [prefix: string, row: HeaderRow])[]>();
  for (const row of headerTable) {
    for (const name of row.names.split(' ')) {
      if (!name.endsWith('*')) {
        names.set(name, row);
        continue;
      }
      const beginning = toBeginning(name);
      const known = beginnings.get(beginning) ?? [];
      known.push([name.slice(0, -1), row]);
      beginnings.set(beginning, known);
    }
  }
  return { byName: names, byBeginning: beginnings };
}

function toBeginning(name: string): string {
  return name.slice(0, firstCharacters);
}

/** @param name lower case */
export function isHopByHop(name: string): boolean {
  return byName.get(name)?.setBy === 'connection';
}

/**
 * @param name lower case
 * @returns whether a client's header of that name never reaches an upstream
 */
export function isDropped(name: string): boolean {
  return findRow(name)?.isDropped ?? false;
}

/**
 * @param name lower case
 * @returns whether a document may use a header of that name for the purpose
 */
export function isOpenTo(use: HeaderUse, name: string): boolean {
  return findRow(name)?.uses.includes(use) ?? true;
}

/**
 * @param name lower case
 * @returns whether the header is part of a signature, which only the signer sets
 */
export function isSetBySigner(name: string): boolean {
  return byName.get(name)?.setBy === 'signer';
}

/**
 * @param name lower case
 * @returns whether the header follows from the connection, the target, the body or the signature of a request
 */
export function isSetBySending(name: string): boolean {
  return isHopByHop(name) || isSetBySigner(name) || byName.get(name)?.setBy === 'sender';
}

/**
 * @param name lower case
 * @returns whether the header identifies the client, on every route
 */
export function isSetByPlugins(name: string): boolean {
  return findRow(name)?.setBy === 'plugins';
}

/**
 * @param name lower case
 * @returns whether only a proxy in front could say it truly, and the header of a client means nothing
 */
export function isSetByFront(name: string): boolean {
  return findRow(name)?.setBy === 'front';
}

/**
 * @param name lower case
 * @returns whether a client's header of that name means nothing to plugins, on every route
 */
export function isHiddenFromPlugins(name: string): boolean {
  const setBy = findRow(name)?.setBy;
  return setBy === 'plugins' || setBy === 'front';
}

/**
 * @param name lower case
 * @returns whether only the proxy sends a response header of that name, so that its errors cannot be imitated
 */
export function isSetByAnswer(name: string): boolean {
  return findRow(name)?.setBy === 'answer';
}

function findRow(name: string): HeaderRow | undefined {
  const own = byName.get(name);
  if (own) return own;
  const candidates = byBeginning.get(toBeginning(name));
  return candidates?.find(([prefix]) => name.startsWith(prefix))?.[1];
}
