/** Connections that exist in memory alone: what is written to one end is read at the other. */
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import { Duplex } from 'node:stream';

class End extends Duplex {
  other: End | undefined;

  override _read(): void {
    // The other end pushes as it writes: what travels here is in memory anyway.
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
 * An agent whose every connection ends at `listener`, in this process: no name is resolved, no socket opened, and
 * `https:` is spoken in clear.
 */
export function createMemoryAgent(
  protocol: 'http:' | 'https:',
  listener: RequestListener,
): http.Agent {
  // Node drops headers beyond its limits without a word.
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
