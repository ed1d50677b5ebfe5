/** Header names by class, taken from the RFCs and not from the code under test. */

/** RFC 9110 §7.6.1, RFC 9113 §8.2.2 and the obsolete ones that senders still use. */
export const hopByHopNames = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** Frameworks take these for the request's method, path, prefix, host, scheme or client address. */
export const overridingNames = [
  ...['x-http-method', 'x-http-method-override', 'x-method-override'],
  ...['x-original-method', 'x-forwarded-method'],
  ...['x-original-uri', 'x-original-url', 'x-rewrite-url', 'x-forwarded-uri', 'x-forwarded-path'],
  ...['x-forwarded-prefix', 'x-forwarded-server', 'x-host', 'x-original-host'],
  ...['x-forwarded-scheme', 'x-forwarded-ssl', 'x-scheme', 'x-url-scheme', 'front-end-https'],
  ...['true-client-ip', 'x-client-ip', 'x-cluster-client-ip', 'cf-connecting-ip'],
  'fastly-client-ip',
  'proxy',
];

/** Headers by which gateways pass on a user or a client's certificate; some of each vendor's. */
export const gatewayNames = [
  ...['x-forwarded-user', 'x-forwarded-email', 'x-forwarded-groups', 'x-forwarded-access-token'],
  ...['x-forwarded-preferred-username', 'x-auth-request-user', 'x-auth-request-email'],
  ...['remote-user', 'remote-groups', 'x-remote-user', 'x-remote-group', 'x-webauth-user'],
  ...['x-authenticated-userid', 'x-anonymous-consumer', 'x-userinfo', 'x-authentik-username'],
  ...['x-amzn-oidc-identity', 'x-amzn-oidc-data', 'x-goog-authenticated-user-email'],
  ...['x-goog-iap-jwt-assertion', 'x-ms-client-principal', 'x-ms-client-principal-name'],
  ...['x-ms-token-aad-id-token', 'cf-access-authenticated-user-email', 'tailscale-user-login'],
  ...['x-forwarded-client-cert', 'x-forwarded-tls-client-cert', 'client-cert', 'ssl-client-s-dn'],
  ...['x-ssl-client-verify', 'x-arr-clientcert', 'x-envoy-internal', 'sm-user', 'iv-user'],
];

/** Names that clients may send, but that only the proxy may set for an upstream. */
export const spoofedNames = [
  ...overridingNames,
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
  'x-amz-target',
  'x-amz-meta-x',
  'x-amz-',
  'x-amzn-requestid',
  'x-amzn-tls-version',
  'x-amzn-tls-cipher-suite',
  'x-amzn-oidc-identity',
  'x-original-authorization',
];
