/** Routes with conditions, in both ways of reading the table. */
import { send } from '../support/client.ts';
import { useSnapshotRig } from '../support/publication.ts';

const { startSnapshotRig, route } = useSnapshotRig({
  answer: ({ header }, response) => {
    response.end(header('x-api-key'));
  },
});

const beta = { vars: [['arg_env', '==', 'beta']] };
const named = (id: string, uri: string, fields: object = {}) => ({
  ...route(uri, { authorization: { apikey: id } }),
  ...fields,
});

const expected = {
  '/shop/a?env=beta': '200 beta',
  '/shop/a?env=live': '200 all',
  '/shop/a': '200 all',
  '/shop/a?env=beta&env=x': '400',
  '/only/a?env=beta': '200 only',
  '/only/a': '404',
  '/broken/a?env=beta': '503',
  '/broken/a': '200 rest',
};

async function answersOf(url: string): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const target of Object.keys(expected)) {
    const answer = await send(url, { target });
    answers[target] = `${answer.status} ${answer.status === 200 ? answer.text() : ''}`.trim();
  }
  return answers;
}

test('a route with vars takes its requests, and leaves the others to the next route', async () => {
  const rig = await startSnapshotRig();
  await rig.edit('routes/beta', named('beta', '/shop/*', { ...beta, priority: 1 }));
  await rig.edit('routes/all', named('all', '/shop/*'));
  await rig.edit('routes/only', named('only', '/only/*', beta));
  // It lacks a secret, and answers 503 for the requests that it asks for, and for no others.
  const lacking = { ...beta, priority: 1 };
  await rig.edit('routes/broken', named('$secret://ssm/none', '/broken/*', lacking));
  await rig.edit('routes/rest', named('rest', '/broken/*'));

  const proxy = await rig.startProxy();
  expect(await answersOf(proxy.url)).toEqual(expected);
  const direct = await rig.startProxy({
    ...{ COUNTERSIGN_SNAPSHOT_URI: '', AWS_ENDPOINT_URL_SSM: rig.store.url },
  });
  expect(await answersOf(direct.url)).toEqual(expected);

  await rig.edit('routes/only', named('only', '/only/*', { vars: [['http_x', '~*', '^GO']] }));
  await proxy.until('/only/a?env=beta', 404);
  const answer = await send(proxy.url, { target: '/only/a', headers: [['x', 'going']] });
  expect(answer.text()).toBe('only');
});
