/** What the local Lambda Runtime API refuses. */
import { startRuntimeApi } from '../../local/runtime/runtime-api.ts';
import { send } from '../support/client.ts';
import { closeAtEnd } from '../support/open-resources.ts';

test('a web page under a name of its own gets no event', async () => {
  const api = await startRuntimeApi();
  closeAtEnd(api.close);
  const event = { event: '{}', functionArn: 'arn', requestId: 'r', timeoutMs: 1000 };
  api.deliver(event, () => {});
  const ask = (host: string) =>
    send(`http://${api.address}`, {
      target: '/2018-06-01/runtime/invocation/next',
      headers: [['host', host]],
    });

  expect((await ask('page.example')).status).toBe(403);
  expect((await ask(api.address)).text()).toBe('{}');
});
