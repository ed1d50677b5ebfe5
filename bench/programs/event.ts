/** Creates a function URL event in AWS's format. */

export interface EventOptions {
  readonly path: string;
  /** Up to 64 KB the body is JSON text. Larger ones are base64, as binary types are. */
  readonly bodyBytes: number;
  /** Headers in addition to the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function createEvent({
  path,
  bodyBytes,
  headers,
}: EventOptions): Readonly<Record<string, unknown>> {
  const isBinary = bodyBytes > 64 * 1024;
  const body = toBody(bodyBytes);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: 'source=webhook&attempt=1',
    headers: {
      'content-length': String(bodyBytes),
      'content-type': isBinary ? 'application/octet-stream' : 'application/json',
      accept: '*/*',
      'accept-encoding': 'gzip, br',
      'user-agent': 'bench/1.0',
      'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      'x-amzn-tls-version': 'TLSv1.3',
      'x-amzn-tls-cipher-suite': 'TLS_AES_128_GCM_SHA256',
      'x-amzn-trace-id': 'Root=1-67000000-000000000000000000000000',
      host: 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws',
      ...headers,
    },
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abcdefghijklmnopqrstuvwxyz012345',
      domainName: 'abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws',
      http: {
        method: 'POST',
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '198.51.100.7',
        userAgent: 'bench/1.0',
      },
      requestId: '8f5a7c1e-0b1d-4c55-9f3a-2a4be8d7c001',
      routeKey: '$default',
      stage: '$default',
    },
    body: isBinary ? body.toString('base64') : body.toString('utf8'),
    isBase64Encoded: isBinary,
  };
}

export function toBody(bytes: number): Buffer {
  return Buffer.alloc(bytes, '{"event":"push","id":12345678} ');
}
