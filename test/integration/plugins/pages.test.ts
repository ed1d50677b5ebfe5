/**
 * Every page of docs/plugins works as it says. What it shows below `routes/`, `consumers/` and `secrets/` is put into
 * Parameter Store, its commands are sent to the built artefact, and what they print is compared line by line; `…`
 * stands for anything.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plugins } from '../../../functions/proxy/plugins/registry.ts';
import { type Artefact, root, startArtefact } from '../../support/artefact.ts';
import { type ClientResponse, send } from '../../support/client.ts';
import { eventually } from '../../support/eventually.ts';
import { type PageHosts, startPageHosts } from '../../support/page-hosts.ts';
import { type PageCommand, readPluginPage } from '../../support/plugin-page.ts';
import { removeAll } from '../../support/publisher.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'docs', 'plugins');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

it('there is a page for every plugin', () => {
  const missing = Object.keys(plugins).filter((name) => !pages.includes(`${name}.md`));

  // The plugin of the route document itself has its chapter in docs/route-documents.md.
  expect(missing).toEqual(['aws-lambda']);
});

let hosts: PageHosts;
/** One environment for all pages. */
let artefact: Artefact;
let shown = 0;
const shownStatus = 299;

beforeAll(async () => {
  hosts = await startPageHosts();
  artefact = await startArtefact({ reloads: true, maxEnvironments: 1 });
});

afterAll(() => Promise.all([artefact.close(), hosts.close()]));

/** Has these documents in force, and no others. */
async function show(parameters: ReadonlyMap<string, string>): Promise<void> {
  removeAll(artefact.store);
  for (const [name, text] of parameters) {
    artefact.store.call('PutParameter', {
      ...{ Name: `${root}/${name}`, Value: hosts.toLocal(text), Type: 'SecureString' },
    });
  }
  shown += 1;
  const target = `/shown/${shown}`;
  // With a status of its own: a page before may have a route for every path.
  const abort = { http_status: shownStatus };
  artefact.putRoute('shown', { uri: target, plugins: { 'fault-injection': { abort } } });
  await eventually(async () => (await send(artefact.url, { target })).status === shownStatus);
}

describe.each(pages)('docs/plugins/%s', (name) => {
  const page = readPluginPage(readFileSync(join(folder, name), 'utf8'));

  beforeAll(async () => {
    // Nothing of the page before it is left, such as counts of its limits.
    await show(new Map());
    await show(page.parameters);
  });

  it('has an example', () => {
    expect(page.parameters.size).toBeGreaterThan(0);
    expect(page.commands.length).toBeGreaterThan(0);
    expect(artefact.lines().filter(({ event }) => event === 'invalid-document')).toEqual([]);
  });

  it('prints what the page shows, command by command', async () => {
    for (const command of page.commands) {
      expect({ command: command.text, missing: findMissing(command, await run(command)) }).toEqual({
        command: command.text,
        missing: [],
      });
    }
  });

  const run = (command: PageCommand) =>
    send(artefact.url, {
      method: command.method,
      target: command.target,
      headers: command.headers.map(([name, value]) => [name, hosts.toSent(value)] as const),
      ...(command.body === undefined ? {} : { body: command.body }),
    });
});

/** @returns the lines of the page that the answer does not have */
function findMissing({ printed }: PageCommand, response: ClientResponse): string[] {
  const [head = '', ...body] = printed.split('\n\n');
  const [statusLine = '', ...headers] = head.split('\n');
  const wanted = body.join('\n\n').split('\n').filter(Boolean);
  const lines = response.text().split('\n');
  return [
    ...(statusLine.includes(` ${response.status} `) ? [] : [statusLine, `got ${response.status}`]),
    ...headers.filter((line) => {
      const [name = '', ...value] = line.split(': ');
      return !isLike(value.join(': '), response.header(name) ?? '');
    }),
    ...wanted.filter((line) => !lines.some((own) => isLike(line, own))),
  ];
}

function isLike(shown: string, actual: string): boolean {
  const parts = shown.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(actual);
}
