/** `countersign init`: what it asks, what it writes for CDK, and when it writes nothing. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { writeApp } from '../../cli/init/write-app.ts';
import { runCli } from '../../cli/program.ts';
import { type CliOptions, countersign, jsonOf } from '../support/cli.ts';

/** In the program of the app: the account of the stack. */
const own = ['$', '{stack.account}'].join('');
const nowhere = 'http://127.0.0.1:9';
const functionUrl = 'https://abcdefghij.lambda-url.eu-west-1.on.aws/';
const apiUrl = 'https://abc1234567.execute-api.eu-west-1.amazonaws.com/prod';
let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'countersign-init-'));
  folder = join(parent, 'gateway');
});

afterEach(() => rmSync(parent, { recursive: true }));

const init = (args: readonly string[], options: CliOptions = {}) =>
  countersign(nowhere, ['init', folder, ...args], options);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const listAll = () =>
  readdirSync(parent, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).replace(`${parent}/`, ''))
    .sort();

test('--yes writes an app with a function of its own to call', async () => {
  const { status, stdout, stderr } = await init(['--yes']);

  expect(status).toBe(0);
  expect(listAll()).toEqual(
    [
      ...['.gitignore', 'README.md', 'bin/app.ts', 'cdk.json', 'hello/index.mjs'],
      ...['package.json', 'routes/hello.json', 'tsconfig.json'],
    ].map((name) => `gateway/${name}`),
  );
  expect(stdout.trim().split('\n').sort()).toEqual(listAll().map((name) => join(parent, name)));
  expect(stderr).toContain(`cd ${folder}\n  npm install\n  npx cdk bootstrap\n  npx cdk deploy`);
  expect(stderr).toContain('The route is open');
  expect(JSON.parse(read('package.json'))).toMatchObject({
    name: 'gateway',
    dependencies: { countersign: expect.stringMatching(/^file:.*countersign-[\d.]+\.tgz$/) },
  });
  const checked = await countersign(nowhere, ['check', join(folder, 'routes')]);
  expect(checked.status).toBe(0);
});

test('a person answers its questions', async () => {
  const answers = ['cdk', 'function-url', functionUrl, 'orders', '111122223333', ''];
  const { status, stderr } = await init([], { answers });

  expect(status).toBe(0);
  expect(stderr).toMatch(
    /deploy with\?[\s\S]*call\?[\s\S]*URL:[\s\S]*function behind it[\s\S]*Account[\s\S]*Region/,
  );
  expect(read('bin/app.ts')).toContain(
    "upstreams: ['arn:aws:lambda:eu-west-1:111122223333:function:orders']",
  );
  expect(read('bin/app.ts')).toContain("env: { account: '111122223333', region: 'eu-west-1' }");
  expect(JSON.parse(read('routes/orders.json'))).toMatchObject({
    uri: '/*',
    plugins: { 'aws-lambda': { function_uri: functionUrl, authorization: { iam: {} } } },
  });
});

test('a flag answers its question, and only the others are asked', async () => {
  const args = ['--with', 'cdk', '--url', apiUrl, '--region', 'us-east-1'];
  args.push('--uri', '/users/*', '--name', 'Users');
  const { status, stderr } = await init(args, { answers: [''] });

  expect(status).toBe(0);
  expect(stderr).toMatch(/^Account of the proxy/);
  expect(read('bin/app.ts')).toContain("new Stack(app, 'Users', { env: { region: 'us-east-1' } })");
  expect(read('bin/app.ts')).toContain(`upstreams: ['${apiUrl}/']`);
  expect(JSON.parse(read('routes/api.json'))).toMatchObject({
    uri: '/users/*',
    plugins: { 'aws-lambda': { function_uri: `${apiUrl}/` } },
  });
});

test.each([
  ['orders', `\`arn:aws:lambda:eu-west-1:${own}:function:orders\``],
  ['orders:live', `\`arn:aws:lambda:eu-west-1:${own}:function:orders:live\``],
  [
    'arn:aws:lambda:eu-west-1:444455556666:function:orders',
    "'arn:aws:lambda:eu-west-1:444455556666:function:orders'",
  ],
])('the policy names the function %s', async (name, source) => {
  await init(['--yes', '--url', functionUrl, '--function', name]);

  expect(read('bin/app.ts')).toContain(`upstreams: [${source}]`);
});

test('without a terminal and --yes it says which flags to give', async () => {
  const { status, stderr } = await init(['--region', 'eu-west-1']);

  expect(status).toBe(7);
  expect(stderr).toContain('Give --with, --upstream and --account, or --yes for the defaults.');
  expect(listAll()).toEqual([]);
});

test.each([
  [['--upstream', 'api'], /--url is not given, and has no default/],
  [['--url', functionUrl], /--function is not given/],
  [
    ['--url', 'https://orders.example/'],
    /--url: found "https:\/\/orders\.example\/", expected https/,
  ],
  [['--url', `${apiUrl}?x=1`], /--url: found .*expected https/],
  [['--url', `${apiUrl}/'+evil+'`], /--url: found .*expected https/],
  [['--upstream', 'hello', '--function', 'f'], /--function does not go with --upstream hello/],
  [['--url', functionUrl, '--function', 'a b'], /--function: found "a b"/],
  [
    ['--url', functionUrl, '--function', 'arn:aws:lambda:us-east-1:111122223333:function:f'],
    /expected a function in eu-west-1/,
  ],
  [['--account', '12'], /--account: found "12", expected twelve digits/],
  [['--region', 'Ireland'], /--region: found "Ireland"/],
  [['--name', '1st'], /--name: found "1st"/],
])('%j is refused, and nothing is written', async (args, message) => {
  const { status, stderr } = await init(['--yes', ...args]);

  expect(stderr).toMatch(message);
  expect(status).toBe(2);
  expect(listAll()).toEqual([]);
});

test('a path that no route may have is refused before anything is written', async () => {
  const { status, stderr } = await init(['--yes', '--uri', 'hello']);

  expect(status).toBe(3);
  expect(stderr).toMatch(/\/uri: found "hello"/);
  expect(listAll()).toEqual([]);
});

test('it names the files that are in the way, and changes and adds nothing', async () => {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), 'mine');
  writeFileSync(join(folder, 'bin', 'app.ts'), 'mine');
  writeFileSync(join(folder, 'routes'), 'a file, where a folder has to be');
  const before = listAll();
  const { status, stderr } = await init(['--yes']);

  expect(status).toBe(4);
  for (const name of ['package.json', 'bin/app.ts', 'routes']) {
    expect(stderr).toContain(join(folder, name));
  }
  expect(stderr).toContain('Nothing was written.');
  expect(listAll()).toEqual(before);
  expect(read('package.json')).toBe('mine');
});

test('it does not write through a link to another folder', async () => {
  const other = join(parent, 'other');
  mkdirSync(folder);
  mkdirSync(other);
  symlinkSync(other, join(folder, 'routes'));
  const { status } = await init(['--yes']);

  expect(status).toBe(4);
  expect(readdirSync(other)).toEqual([]);
});

test('other files of the folder stay beside the app', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'notes.txt'), 'mine');

  expect((await init(['--yes'])).status).toBe(0);
  expect(read('notes.txt')).toBe('mine');
});

test('Ctrl-C at a question leaves nothing behind', async () => {
  const interrupted = Object.assign(new Error('closed'), { name: 'ExitPromptError' });
  const refuse = () => Promise.reject(interrupted);
  const stderr = new PassThrough();
  const status = await runCli(['init', folder], {
    env: {},
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr,
    prompts: {
      ...{ askYesNo: refuse, askSecret: refuse, askText: refuse },
      askChoice: (_, choices) => Promise.resolve(choices[0]?.value ?? ''),
    },
  });

  expect(status).toBe(130);
  expect(existsSync(folder)).toBe(false);
});

test('a write that fails takes back what was written before it', () => {
  // No file system takes a name of this length.
  const files = ['a/b/one.txt', 'two.txt', `a/${'x'.repeat(300)}/three.txt`];
  const stdout = new PassThrough();
  const host = { env: {}, stdin: stdout, stdout, stderr: stdout };

  expect(() =>
    writeApp(
      host,
      folder,
      files.map((file) => ({ file, text: 'text' })),
    ),
  ).toThrow(/Nothing was left behind/);
  expect(existsSync(folder)).toBe(false);
});

test('an app in a folder with the name of one of its packages has a name of its own', async () => {
  const other = join(parent, 'countersign');
  await countersign(nowhere, ['init', other, '--yes']);

  expect(JSON.parse(readFileSync(join(other, 'package.json'), 'utf8')).name).toBe(
    'countersign-app',
  );
});

test('a folder with a blank is quoted, and a tarball that is not there is warned of', async () => {
  const other = join(parent, 'my proxy');
  const args = ['--yes', '--package', 'file:../none.tgz'];
  const { stderr } = await countersign(nowhere, ['init', other, ...args]);

  expect(stderr).toContain(`cd '${other}'`);
  expect(stderr).toContain(`${join(parent, 'none.tgz')} is missing: run npm pack`);
  expect(readFileSync(join(other, 'bin/app.ts'), 'utf8')).toContain("new Stack(app, 'my-proxy'");
});

test('--json prints the files and the next commands', async () => {
  const run = await init(['--yes', '--json', '--package', '^1.0.0']);

  expect(jsonOf<{ next: string[] }>(run)).toMatchObject({
    folder,
    files: expect.arrayContaining([join(folder, 'bin/app.ts')]),
    next: [`cd ${folder}`, 'npm install', 'npx cdk bootstrap', 'npx cdk deploy'],
  });
  expect(JSON.parse(read('package.json')).dependencies.countersign).toBe('^1.0.0');
});
