/** The examples of `--help` are those of docs/cli.md and docs/cli-diagnosis.md, and work. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { commands } from '../../cli/commands.ts';
import { type Kind, kinds } from '../../cli/documents/kinds.ts';
import { toTemplate } from '../../cli/documents/templates.ts';
import { createProgram } from '../../cli/program.ts';
import { type Example, examplesOf } from '../../cli/terminal/examples.ts';
import { exitCodes } from '../../cli/terminal/exit-codes.ts';
import { inheritedEnv } from '../../local/process-env.ts';
import { bundleCli } from '../support/bundled.ts';
import { countersign } from '../support/cli.ts';
import { acme, type CliStore, orders, startCliStore } from '../support/cli-store.ts';

const root = join(import.meta.dirname, '..', '..');
const page = ['cli.md', 'cli-diagnosis.md']
  .map((name) => readFileSync(join(root, 'docs', name), 'utf8'))
  .join('\n');
const nowhere = new PassThrough();
interface Leaf {
  /** `routes put` */
  readonly path: string;
  readonly command: Command;
}

/** The commands without subcommands. */
let leaves: readonly Leaf[];
beforeAll(async () => {
  const host = { env: {}, stdin: nowhere, stdout: nowhere, stderr: nowhere };
  leaves = findLeaves((await createProgram(host)).program, []);
});

const below = (name: string) => leaves.filter(({ path }) => path.split(' ')[0] === name);

function findLeaves(command: Command, path: string[]): readonly Leaf[] {
  if (command.commands.length === 0) return [{ path: path.join(' '), command }];
  return command.commands.flatMap((child) => findLeaves(child, [...path, child.name()]));
}

/** The page shows routes, and says that the other kinds are the same. */
const onPage = ({ does, run }: Example) => {
  const kind = Object.values(kinds).find(({ command }) => run.includes(`countersign ${command} `));
  const routes = (text: string) =>
    kind
      ? text
          .replaceAll(kind.command, 'routes')
          .replaceAll(kind.name, 'routes')
          .replaceAll(kind.singular, 'route')
          .replaceAll(kind.exampleId, 'orders')
      : text;
  return [`# ${does}\n${run}\n`, `# ${routes(does)}\n${routes(run)}\n`];
};

describe.each(commands)('each command of countersign $name', ({ name }) => {
  it('has examples, and shows them in --help', () => {
    for (const { path, command } of below(name)) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      const examples = examplesOf(command);

      expect({ path, count: examples.length }).not.toEqual({ path, count: 0 });
      for (const { does, run } of examples) expect(help).toContain(`  # ${does}\n  ${run}\n`);
    }
  });

  it('has the same ones in the docs', () => {
    const examples = below(name).flatMap(({ command }) => examplesOf(command));
    const missing = examples.filter(
      (example) => !onPage(example).some((text) => page.includes(text)),
    );

    expect(missing).toEqual([]);
  });
});

it('the docs show no others', () => {
  const known = new Set(leaves.flatMap(({ command }) => examplesOf(command).map(({ run }) => run)));
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  const shown = blocks
    .flatMap((text) => text.split('\n'))
    .filter((line) => /npx countersign/.test(line));

  expect(shown.filter((line) => !known.has(line))).toEqual([]);
});

it('the docs explain every exit code', () => {
  const rows = [...page.matchAll(/^\| (\d+) \| `([A-Z_]+)` \|/gm)];

  expect(Object.fromEntries(rows.map(([, status, code]) => [code, Number(status)]))).toEqual(
    exitCodes,
  );
});

/** What is about documents; the rest needs a proxy that runs, and is in cli-diagnosis-examples.whole.test.ts. */
const shared = Object.values(kinds).filter(({ name }) => name !== 'routes' && name !== 'consumers');
const ours = [
  ...Object.values(kinds).map(({ command }) => command),
  ...['secrets', 'put', 'check', 'import', 'schema'],
];
const sampleOf = (kind: Kind, n: number) => {
  const text = toTemplate(kind, kind.exampleId).replace('YOUR-FUNCTION', 'abcdefghij');
  const host = text.replace('YOUR-HOST.example.com', '127.0.0.1');
  return { ...JSON.parse(host), create_time: n };
};
const runsOf = (name: string) =>
  below(name).flatMap(({ command }) => examplesOf(command).map(({ run }) => run));
const isPipe = (run: string) => /[|>]/.test(run);

describe('each example works', () => {
  let store: CliStore;
  let folder: string;

  async function open(): Promise<void> {
    store = await startCliStore();
    for (const timeout of [5000, 6000, 7000]) store.put('routes/orders', orders(timeout));
    for (const key of ['a', 'b', 'c']) store.put('consumers/acme', acme(key), 'SecureString');
    for (const kind of shared) {
      for (const n of [0, 1, 2]) store.put(`${kind.name}/${kind.exampleId}`, sampleOf(kind, n));
    }
    store.put('secrets/partner-key', 'x', 'SecureString');
    folder = store.folder({
      'orders.json': orders(8000),
      'acme.json': acme('d'),
      ...Object.fromEntries(
        shared.flatMap((kind) => [
          [`${kind.exampleId}.json`, sampleOf(kind, 3)],
          [
            `${kind.name}/${kind.exampleId}.json`,
            `${JSON.stringify(sampleOf(kind, 2), null, 2)}\n`,
          ],
        ]),
      ),
      'documents/routes/orders.json': orders(8000),
      'documents/consumers/acme.json': acme('d'),
      'deployment.yaml': {
        image: 'aws-sigv4-proxy',
        args: ['--host', 'abc123.execute-api.eu-west-1.amazonaws.com'],
      },
      'apisix.yaml': `routes: [${JSON.stringify({ id: 1, ...orders(3000) })}]`,
    });
    for (const name of ['routes', 'consumers']) mkdirSync(join(folder, name));
    writeFileSync(
      join(folder, 'routes', 'orders.json'),
      `${JSON.stringify(orders(7000), null, 2)}\n`,
    );
    writeFileSync(
      join(folder, 'consumers', 'acme.json'),
      `${JSON.stringify(acme('c'), null, 2)}\n`,
    );
  }

  async function runAlone(run: string): Promise<void> {
    const words = run
      .replace(/^EDITOR=nano /, '')
      .replace('npx countersign ', '')
      .split(' ');
    const files = /^[\w-]+(\.json|\.yaml|\/)$/;
    const args = words.map((word) => (files.test(word) ? join(folder, word) : word));
    const answers = run.includes('secrets set') ? { answers: ['s', 's'] } : {};
    const { status, stderr } = await countersign(store.url, args, {
      env: { EDITOR: 'true' },
      ...answers,
    });

    expect({ run, status, stderr }).toEqual({
      run,
      status: run.includes(' diff ') ? 1 : 0,
      stderr: expect.not.stringContaining('Error:'),
    });
  }

  async function runInShell(run: string): Promise<void> {
    const shim = (name: string, script: string) => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    shim('npx', `shift; exec "${process.execPath}" "${await bundleCli()}" "$@"`);
    shim('openssl', 'echo 00112233');
    const { PATH = '', ...env } = inheritedEnv();
    const options = {
      cwd: folder,
      env: { ...env, PATH: `${folder}:${PATH}`, AWS_ENDPOINT_URL_SSM: store.url },
    };
    const { stderr } = await promisify(execFile)('sh', ['-c', run], options);

    expect({ run, stderr }).toEqual({ run, stderr: expect.not.stringContaining('Error:') });
  }

  it.each(ours)('of countersign %s', async (name) => {
    expect(runsOf(name).length).toBeGreaterThan(0);
    for (const run of runsOf(name)) {
      await open();
      await (isPipe(run) ? runInShell(run) : runAlone(run)).finally(() => store.close());
    }
  });
});
