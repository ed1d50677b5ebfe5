/** Routes of a typical table: a quarter each with an exact path, a prefix, a parameter, and its own host. */
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';

export interface RouteShape {
  readonly id: string;
  readonly uri: string;
  readonly host: string | undefined;
  readonly hitPath: string;
  /** A path that differs from the route only at its end, so that the search goes as deep as possible. */
  readonly missPath: string;
}

/** @param index number of the route; the same number gives the same route in every table */
export function toShape(index: number): RouteShape {
  const id = `r${index}`;
  const service = `/team${index % 97}/service${index}`;
  const kinds: readonly Omit<RouteShape, 'id'>[] = [
    {
      uri: `${service}/orders/list`,
      host: undefined,
      hitPath: `${service}/orders/list`,
      missPath: `${service}/orders/listing`,
    },
    {
      uri: `${service}/files/*`,
      host: undefined,
      hitPath: `${service}/files/2026/11/report.pdf`,
      missPath: `${service}/filed/2026/11/report.pdf`,
    },
    {
      uri: `${service}/users/:id/orders`,
      host: undefined,
      hitPath: `${service}/users/4711/orders`,
      missPath: `${service}/users/4711/basket`,
    },
    {
      uri: '/tenant/*',
      host: index % 8 === 3 ? `*.t${index}.example.com` : `t${index}.example.com`,
      hitPath: '/tenant/2026/11/report',
      missPath: '/landlord/2026/11/report',
    },
  ];
  return { id, ...(kinds[index % 4] as Omit<RouteShape, 'id'>) };
}

export function toHitRequest(shape: RouteShape): ProxyRequest {
  return toRequest(shape, shape.hitPath);
}

export function toMissRequest(shape: RouteShape): ProxyRequest {
  return toRequest(shape, shape.missPath);
}

function toRequest({ host }: RouteShape, path: string): ProxyRequest {
  return {
    id: 'bench',
    method: 'GET',
    path,
    query: '',
    target: '/',
    headers: {},
    body: Buffer.alloc(0),
    sourceIp: '198.51.100.7',
    clientIp: '198.51.100.7',
    protocol: 'HTTP/1.1',
    host: host?.replace('*', 'www') ?? 'abcdefghijklmnop.lambda-url.us-east-1.on.aws',
  };
}
