/** Connections without a request, of all pools together. */
import { PassThrough } from 'node:stream';
import { keepIdle, takeIdle } from '../../functions/proxy/send/idle.ts';

const maxIdle = 500;
const open = (count: number) => Array.from({ length: count }, () => new PassThrough());

test('the oldest one ends when there are more than 500', () => {
  const idle = new Set<PassThrough>();
  const sockets = open(maxIdle + 1);
  const [oldest, second] = sockets;
  for (const socket of sockets.slice(0, maxIdle)) keepIdle(socket, idle);
  expect([idle.size, oldest?.destroyed]).toEqual([maxIdle, false]);

  keepIdle(sockets[maxIdle] as PassThrough, idle);

  expect([idle.size, oldest?.destroyed, second?.destroyed]).toEqual([maxIdle, true, false]);
  expect(idle.has(oldest as PassThrough)).toBe(false);
});

test('one that gets a request is no longer counted, and may have bytes', () => {
  const idle = new Set<PassThrough>();
  const [socket = new PassThrough()] = open(1);
  keepIdle(socket, idle);
  takeIdle(socket, idle);

  socket.emit('data', Buffer.from('x'));

  expect([idle.size, socket.destroyed]).toEqual([0, false]);
});

test('one on which bytes arrive ends', () => {
  const [socket = new PassThrough()] = open(1);
  keepIdle(socket, new Set());

  socket.emit('data', Buffer.from('x'));

  expect(socket.destroyed).toBe(true);
});
