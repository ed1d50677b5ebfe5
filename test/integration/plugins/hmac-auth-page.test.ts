/** The client that docs/plugins/hmac-auth.md shows is run as it stands; only the host is another. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startArtefact } from '../../support/artefact.ts';
import { readPluginPage } from '../../support/plugin-page.ts';
import { startUpstream } from '../../support/upstream.ts';

it('the client of the page signs what the route of the page demands', async () => {
  const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'plugins', 'hmac-auth.md');
  const page = readFileSync(file, 'utf8');
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const upstream = await startUpstream({
    answer: ({ target, header }, response) => {
      response.end(`${target} ${header('x-consumer-username')}`);
    },
  });
  const artefact = await startArtefact({ reloads: true });
  for (const [name, text] of readPluginPage(page).parameters) {
    artefact.putText(name, text.replace(/https:\/\/\w+\.lambda-url\.[\w.-]+/g, upstream.url));
  }
  await artefact.logged({ event: 'table', documents: 2 });
  const client = code.replace('https://proxy.example.com', artefact.url);

  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    client,
  ]);

  expect(stdout.trim()).toBe('200 /7?express partner');
  await Promise.all([artefact.close(), upstream.close()]);
});
