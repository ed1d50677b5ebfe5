/** When conditions of routes are asked: one may refuse a request that another route takes. */
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import { codeThrownBy, toRequest } from '../support/builders.ts';
import { compile, documentOf } from '../support/documents.ts';

const request = (query: string) => toRequest({ path: '/aws/x', query });

async function tableOf(...documents: readonly Record<string, unknown>[]) {
  const compiled = await Promise.all(documents.map((fields) => compile(documentOf(fields))));
  return createMatcher(compiled.flatMap(({ routes }) => routes));
}

test('conditions are asked in order of precedence, and no further than to the route that wins', async () => {
  const places = [
    { id: 'wide', uri: '/*', vars: [['arg_wide', '==', '1']] },
    { id: 'wider', uri: '/aws/*', vars: [['arg_wider', '==', '1']], methods: ['GET'] },
    { id: 'exact', uri: '/aws/x' },
    { id: 'late', uri: '/aws/x', vars: [['arg_late', '==', '1']], priority: -1 },
    { id: 'first', uri: '/*', vars: [['arg_first', '==', '1']], priority: 1 },
  ];
  const { match } = await tableOf(...places);
  const outcome = (query: string) => {
    try {
      return match(request(query)).route.id;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  // Twice is malformed to the condition that reads it.
  expect(['wide=1&wide=2', 'wider=1&wider=2', 'late=1&late=2'].map(outcome)).toEqual([
    ...['exact', 'exact', 'exact'],
  ]);
  expect(outcome('first=1&wide=1&wide=2')).toBe('first');
  expect(outcome('first=1&first=1')).toBe('MALFORMED_REQUEST');
});

test('conditions are not asked by a method that their route does not take, unless no route takes it', async () => {
  const vars = [['arg_env', '==', 'beta']];
  const post = { id: 'post', vars, methods: ['POST'] };
  const twice = request('env=beta&env=x');
  const { match } = await tableOf(post, { id: 'all', priority: -1 });
  expect(match(twice).route.id).toBe('all');
  const alone = await tableOf(post);
  expect(codeThrownBy(() => alone.match(twice))).toBe('MALFORMED_REQUEST');
});
