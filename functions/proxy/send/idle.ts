/** Connections that wait for a request: what may happen on them, and how many there are. */
import type { Duplex } from 'node:stream';

/** Lambda gives an environment 1,024 file descriptors, for the connections of all pools and everything else. */
const maxIdle = 500;

/** @param idle those of all pools together; the oldest comes first, and ends when there are too many */
export function keepIdle(socket: Duplex, idle: Set<Duplex>): void {
  watchIdle(socket);
  idle.add(socket);
  const [oldest] = idle;
  if (idle.size <= maxIdle || !oldest) return;
  idle.delete(oldest);
  oldest.destroy();
}

/** The connection has a request. */
export function takeIdle(socket: Duplex, idle: Set<Duplex>): void {
  unwatchIdle(socket);
  idle.delete(socket);
}

/**
 * Closes an idle connection on which bytes arrive. No request is waiting for them: they are a late 408 before a close, or a
 * forged answer to the next request.
 */
export function watchIdle(socket: Duplex): void {
  socket.on('data', endIdle);
}

/** Takes back {@link watchIdle}. */
export function unwatchIdle(socket: Duplex): void {
  socket.off('data', endIdle);
}

function endIdle(this: Duplex): void {
  this.destroy();
}
