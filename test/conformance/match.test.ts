/** The matcher against one that tries every route in turn and knows the precedence of DESIGN.md by heart. */
import fc from 'fast-check';
import type { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest } from '../../functions/proxy/http/message.ts';
import { toMatchKey } from '../../functions/proxy/http/path.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import { toRequest, toRoute } from '../support/builders.ts';
import { toRuns } from '../support/sample.ts';

interface Claim {
  readonly route: Route;
  readonly uri: string;
  readonly host: string;
  readonly order: number;
}

const segment = fc.constantFrom('a', 'b', 'ab', 'abc', ':x', ':y', 'é', 'a%20b');
const uri = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('', '', '/*', '/a*', '/'))
  .map(([segments, end]) => `/${segments.join('/')}${segments.length === 0 ? end.slice(1) : end}`);
const host = fc.constantFrom('', '', 'x.example.com', '*.example.com', '*.com', 'y.example.com');
const method = fc.constantFrom('GET', 'POST', 'PUT');
const route = fc.record({
  uris: fc.uniqueArray(uri, { minLength: 1, maxLength: 2 }),
  hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 2 }),
  methods: fc.option(fc.uniqueArray(method, { minLength: 1 }), { nil: undefined }),
  priority: fc.constantFrom(0, 0, 0, 1, -1),
});
const sentSegment = fc.constantFrom(
  'a',
  'b',
  'ab',
  'abc',
  'abd',
  '%61',
  '%C3%A9',
  'a%20b',
  '',
  'z',
);
const request = fc.record({
  path: fc.array(sentSegment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`),
  host: fc.constantFrom('x.example.com', 'y.example.com:1', 'a.x.example.com', 'other.com', ''),
  method,
});

test('for any table and request the trie finds what trying every route finds', () => {
  fc.assert(
    fc.property(fc.array(route, { maxLength: 12 }), request, (parts, asked) => {
      const uriOf = new Map<Route, readonly string[]>();
      const routes = parts.map(({ methods, ...others }, index) => {
        const built = toRoute({ ...others, id: `${index}`, ...(methods ? { methods } : {}) });
        uriOf.set(built, others.uris);
        return built;
      });
      const outcome = tryMatch(() => createMatcher(routes).match(toRequest(asked)).route.id);
      expect(outcome).toBe(findByTrying(routes, uriOf, toRequest(asked)));
    }),
    { numRuns: toRuns(1000) },
  );
});

function tryMatch(match: () => string): string {
  try {
    return match();
  } catch (error) {
    const { code, headers } = error as ProxyError;
    return [code, headers['allow']].filter(Boolean).join(' ');
  }
}

function findByTrying(
  routes: readonly Route[],
  uriOf: ReadonlyMap<Route, readonly string[]>,
  { path, host: requested, method: asked }: ProxyRequest,
): string {
  const fitting = routes
    .flatMap((one, order) =>
      one.hosts.flatMap((own) =>
        (uriOf.get(one) ?? []).map(
          (written): Claim => ({ route: one, uri: written, host: own, order }),
        ),
      ),
    )
    .filter(
      (claim) => fitsHost(claim.host, requested) && toPattern(claim.uri).test(toMatchKey(path)),
    );
  const taking = fitting.filter(({ route: { methods } }) => !methods || methods.has(asked));
  const best = taking.sort(byPrecedence)[0];
  if (best) return best.route.id;
  const allowed = new Set(fitting.flatMap((claim) => [...(claim.route.methods ?? [])]));
  return allowed.size === 0 ? 'NO_ROUTE' : `METHOD_NOT_ALLOWED ${[...allowed].sort().join(', ')}`;
}

function fitsHost(own: string, requested: string): boolean {
  const name = requested.replace(/:\d+$/, '');
  if (own === '' || own === name) return true;
  return own.startsWith('*') && name.endsWith(own.slice(1)) && name.length >= own.length;
}

function toPattern(written: string): RegExp {
  const source = encodeURI(decodeURI(written))
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/\*$/, '.*')))
    .join('/');
  return new RegExp(`^${source}$`, 's');
}

function byPrecedence(a: Claim, b: Claim): number {
  const rank = ({ route: one, uri: written, host: own, order }: Claim) => [
    -one.priority,
    own === '' ? 2 : Number(own.startsWith('*')),
    own.startsWith('*') ? -own.length : 0,
    -encodeURI(decodeURI(written))
      .replace(/\*$/, '')
      .replace(/:[^/]*/g, '').length,
    Number(written.endsWith('*')),
    order,
  ];
  const other = rank(b);
  return (
    rank(a)
      .map((value, index) => value - (other[index] ?? 0))
      .find((difference) => difference !== 0) ?? 0
  );
}
