/** TLS to the upstream: verified unless a document may and does say otherwise. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { listen } from '../../local/http-server.ts';
import { startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';

/** A self-signed certificate for 127.0.0.1 that nobody else uses; good until 2126. */
const support = join(import.meta.dirname, '..', 'support');
const certificate = join(support, 'tls-cert.pem');
const cert = readFileSync(certificate);
const key = readFileSync(join(support, 'tls-key.pem'));

const trusting = { NODE_EXTRA_CA_CERTS: certificate };

describe('an https upstream', () => {
  let server: Server;
  let port: number;
  let close: () => Promise<void>;
  let handshakes: number;

  const routes = (host: string, attributes: object = {}) => ({
    any: {
      uri: '/*',
      plugins: { 'aws-lambda': { function_uri: `https://${host}:${port}/`, ...attributes } },
    },
  });

  beforeEach(async () => {
    handshakes = 0;
    server = createServer({ cert, key }, (_, response) => response.end('over TLS'));
    server.on('secureConnection', () => {
      handshakes += 1;
    });
    ({ port, close } = await listen(server as never));
  });

  afterEach(() => close());

  it('is called when its certificate is good, over the connection that was opened during INIT', async () => {
    const artefact = await startArtefact({ routes: routes('127.0.0.1'), env: trusting });

    const first = await send(artefact.url, { target: '/' });
    const second = await send(artefact.url, { target: '/' });

    expect([first.text(), second.text()]).toEqual(['over TLS', 'over TLS']);
    expect(handshakes).toBe(1);
    await artefact.close();
  });

  it.each([
    ['of an authority that nobody trusts', '127.0.0.1', {}],
    [
      'of an authority that nobody trusts, whatever Node is told',
      '127.0.0.1',
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    ],
    ['for another name', 'localhost', trusting],
  ])('is refused when its certificate is %s', async (_, host, env) => {
    const artefact = await startArtefact({ routes: routes(host), env });

    const response = await send(artefact.url, { target: '/' });

    expect(response.status).toBe(502);
    expect(response.header('countersign-error')).toBe('UPSTREAM_UNREACHABLE');
    const line = await artefact.logged({ type: 'access', error: 'UPSTREAM_UNREACHABLE' });
    expect(line['cause']).toMatch(/SELF_SIGNED|ERR_TLS_CERT_ALTNAME_INVALID/);
    await artefact.close();
  });

  it('is called unverified where the document says ssl_verify: false, and a warning says so', async () => {
    const artefact = await startArtefact({ routes: routes('localhost', { ssl_verify: false }) });

    const response = await send(artefact.url, { target: '/' });

    expect(response.text()).toBe('over TLS');
    expect(artefact.text()).toContain(
      `ssl_verify: false: the certificate of localhost:${port} is not verified`,
    );
    await artefact.close();
  });
});
