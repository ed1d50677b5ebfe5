/** Connections in memory: bytes that are written to one end are read at the other. */
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import { Duplex } from 'node:stream';

class End extends Duplex {
  other: End | undefined;

  override _read(): void {
    // Nothing to do: the other end pushes when it writes.
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.other?.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }
}

/**
 * Creates an agent whose connections all end at `listener` in this process. No name is resolved, no socket is opened,
 * and `https:` is sent without TLS.
 */
export function createMemoryAgent(
  protocol: 'http:' | 'https:',
  listener: RequestListener,
): http.Agent {
  // Node silently drops headers beyond its limits.
  const server = http.createServer({ maxHeaderSize: 4 * 1024 * 1024 }, listener);
  server.maxHeadersCount = 0;
  const agent = protocol === 'https:' ? new https.Agent() : new http.Agent();
  agent.createConnection = () => {
    const [client, peer] = [new End(), new End()];
    client.other = peer;
    peer.other = client;
    server.emit('connection', peer);
    return client;
  };
  return agent;
}
