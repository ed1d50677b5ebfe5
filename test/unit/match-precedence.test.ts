import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';
import { toRequest, toRoute } from '../support/builders.ts';

type RouteParts = Parameters<typeof toRoute>[0];

interface Case {
  readonly rule: string;
  readonly routes: readonly RouteParts[];
  readonly path: string;
  readonly host?: string;
  readonly method?: string;
  readonly winner: string;
}

const cases: readonly Case[] = [
  {
    rule: 'a higher priority goes before an exact host',
    routes: [
      { id: 'host', uri: '/a', hosts: ['x.example.com'] },
      { id: 'priority', uri: '/*', priority: 1 },
    ],
    path: '/a',
    host: 'x.example.com',
    winner: 'priority',
  },
  {
    rule: 'a negative priority goes last',
    routes: [
      { id: 'low', uri: '/a/b', priority: -1 },
      { id: 'zero', uri: '/*' },
    ],
    path: '/a/b',
    winner: 'zero',
  },
  {
    rule: 'an exact host goes before a wildcard host, also with a shorter path',
    routes: [
      { id: 'wildcard', uri: '/a/b/c', hosts: ['*.example.com'] },
      { id: 'exact', uri: '/*', hosts: ['x.example.com'] },
    ],
    path: '/a/b/c',
    host: 'x.example.com',
    winner: 'exact',
  },
  {
    rule: 'a wildcard host goes before none',
    routes: [
      { id: 'none', uri: '/a/b/c' },
      { id: 'wildcard', uri: '/*', hosts: ['*.example.com'] },
    ],
    path: '/a/b/c',
    host: 'x.example.com',
    winner: 'wildcard',
  },
  {
    rule: 'of two wildcard hosts the longer one names fewer hosts and goes first',
    routes: [
      { id: 'short', uri: '/a/b', hosts: ['*.example.com'] },
      { id: 'long', uri: '/*', hosts: ['*.y.example.com'] },
    ],
    path: '/a/b',
    host: 'x.y.example.com',
    winner: 'long',
  },
  {
    rule: 'the longer prefix goes before the shorter',
    routes: [
      { id: 'short', uri: '/a/*' },
      { id: 'long', uri: '/a/b/*' },
    ],
    path: '/a/b/c',
    winner: 'long',
  },
  {
    rule: 'the longer literal goes first, also against an exact parameter path',
    routes: [
      { id: 'parameter', uri: '/a/:x' },
      { id: 'literal', uri: '/a/bcd*' },
    ],
    path: '/a/bcde',
    winner: 'literal',
  },
  {
    rule: 'a literal segment goes before a parameter',
    routes: [
      { id: 'parameter', uri: '/a/:x' },
      { id: 'literal', uri: '/a/b' },
    ],
    path: '/a/b',
    winner: 'literal',
  },
  {
    rule: 'of two parameter paths the one with more literal characters goes first',
    routes: [
      { id: 'late', uri: '/:x/b' },
      { id: 'early', uri: '/longer/:x' },
    ],
    path: '/longer/b',
    winner: 'early',
  },
  {
    rule: 'exact goes before prefix of the same length',
    routes: [
      { id: 'prefix', uri: '/a*' },
      { id: 'exact', uri: '/a' },
    ],
    path: '/a',
    winner: 'exact',
  },
  {
    rule: 'a parameter path goes before a prefix of the same literal length',
    routes: [
      { id: 'prefix', uri: '/a/*' },
      { id: 'parameter', uri: '/a/:x' },
    ],
    path: '/a/b',
    winner: 'parameter',
  },
  {
    rule: 'of two equal places the first in order wins',
    routes: [
      { id: 'first', uri: '/a/*' },
      { id: 'second', uri: '/a/*' },
    ],
    path: '/a/b',
    winner: 'first',
  },
  {
    rule: 'of two equal places a later one answers the methods that the first does not take',
    routes: [
      { id: 'reads', uri: '/a', methods: ['GET', 'HEAD'] },
      { id: 'writes', uri: '/a', methods: ['GET', 'POST'] },
    ],
    path: '/a',
    method: 'POST',
    winner: 'writes',
  },
  {
    rule: 'a better path that does not take the method leaves the request to the next one',
    routes: [
      { id: 'exact', uri: '/a', methods: ['POST'] },
      { id: 'prefix', uri: '/*', methods: ['GET'] },
    ],
    path: '/a',
    winner: 'prefix',
  },
  {
    rule: 'a better host whose paths do not fit leaves the request to routes without hosts',
    routes: [
      { id: 'host', uri: '/b', hosts: ['x.example.com'] },
      { id: 'none', uri: '/a' },
    ],
    path: '/a',
    host: 'x.example.com',
    winner: 'none',
  },
  {
    rule: 'a literal branch that leads nowhere falls back to the parameter branch',
    routes: [
      { id: 'literal', uri: '/a/b/c' },
      { id: 'parameter', uri: '/a/:x/d' },
    ],
    path: '/a/b/d',
    winner: 'parameter',
  },
  {
    rule: 'each of several paths counts by itself',
    routes: [
      { id: 'both', uris: ['/a/*', '/b/c'] },
      { id: 'other', uri: '/b/*' },
    ],
    path: '/b/c',
    winner: 'both',
  },
];

const match = (
  routes: readonly Route[],
  { path, host = 'h', method = 'GET' }: Omit<Case, 'rule' | 'routes' | 'winner'>,
) => createMatcher(routes).match(toRequest({ path, host, method })).route.id;

test.each(cases)('$rule', ({ routes, winner, ...request }) => {
  expect(match(routes.map(toRoute), request)).toBe(winner);
});

test.each(cases.filter(({ rule }) => !rule.startsWith('of two equal')))(
  'whatever the order of the documents, $rule',
  ({ routes, winner, ...request }) => {
    expect(match(routes.map(toRoute).reverse(), request)).toBe(winner);
  },
);
