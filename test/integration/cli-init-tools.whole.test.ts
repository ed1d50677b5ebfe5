/** `countersign init --with sam` and `--with terraform`: what it writes is complete, and fits the released template and module. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { type AppPlan, toAppPlan } from '../../cli/init/app-plan.ts';
import type { RawAnswers } from '../../cli/init/questions.ts';
import { toSamApp } from '../../cli/init/sam-app.ts';
import { toTerraformApp } from '../../cli/init/terraform-app.ts';
import { writeApp } from '../../cli/init/write-app.ts';
import { parameters } from '../../release/parameters.ts';
import { countersign } from '../support/cli.ts';
import { readModule } from '../support/terraform-module.ts';

const root = join(import.meta.dirname, '..', '..');
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

const init = (...args: string[]) => countersign(nowhere, ['init', folder, '--yes', ...args]);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const toPlan = (answers: RawAnswers, folderName = 'gateway'): AppPlan =>
  toAppPlan(answers, { name: undefined, folderName, uri: undefined });
const cli = 'npx countersign';
const choices: readonly (readonly [string, RawAnswers])[] = [
  ['a function of its own', { upstream: 'hello' }],
  ['a function URL', { upstream: 'function-url', url: functionUrl, function: 'orders' }],
  ['an API', { upstream: 'api', url: apiUrl }],
];

describe('for SAM', () => {
  const ownAccount = '$'.concat('{AWS::AccountId}');
  interface Tagged {
    readonly tag: string;
    readonly text: string;
  }
  interface Template {
    readonly Resources: Readonly<
      Record<
        string,
        { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }
      >
    >;
    readonly Outputs: Readonly<Record<string, { readonly Value: Tagged }>>;
  }

  const customTags = ['!GetAtt', '!Sub', '!Ref'].map((tag) => ({
    tag,
    resolve: (text: string): Tagged => ({ tag, text }),
  }));
  const released = [{ file: 'template.json', text: '{}' }];
  const toFiles = (answers: RawAnswers) => {
    const app = toSamApp(toPlan({ ...answers, with: 'sam' }), { released, cli });
    return new Map(app.map(({ file, text }) => [file, String(text)]));
  };
  const toTemplate = (answers: RawAnswers) =>
    parse(toFiles(answers).get('template.yaml') ?? '', { customTags }) as Template;

  /** What the tags of a template refer to: `Hello.Arn`, `AWS::AccountId`. */
  function listReferences(value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return [];
    const { tag, text } = value as Partial<Tagged>;
    if (tag === '!Sub')
      return [...(text ?? '').matchAll(/\$\{([^}]+)\}/g)].map(([, name = '']) => name);
    if (tag !== undefined) return [text ?? ''];
    return Object.values(value).flatMap(listReferences);
  }

  test.each(choices)('the template for %s refers to what there is', (_, answers) => {
    const template = toTemplate(answers);
    const { Proxy: proxy } = template.Resources;
    // SAM makes a resource of the function's URL.
    const ids = [...Object.keys(template.Resources), 'HelloUrl'];
    const references = listReferences(template);

    expect(proxy?.Type).toBe('AWS::CloudFormation::Stack');
    expect(proxy?.Properties['TemplateURL']).toBe('countersign/template.json');
    expect(references).toContain('Proxy.Outputs.Url');
    const others = references.filter((name) => !ids.includes(name.split('.')[0] ?? ''));
    expect(new Set(others)).toEqual(
      new Set(answers.upstream === 'hello' ? [] : ['AWS::AccountId']),
    );
  });

  test.each(choices)(
    'the nested stack for %s gets parameters that the released template takes',
    (_, answers) => {
      const { Proxy: proxy } = toTemplate(answers).Resources;
      const given = Object.entries(proxy?.Properties['Parameters'] as Record<string, unknown>);

      expect(given).toHaveLength(2);
      expect(given.filter(([name, value]) => !isTaken(name, value))).toEqual([]);
    },
  );

  function isTaken(name: string, value: unknown): boolean {
    const all: Readonly<
      Record<string, { readonly Type: string; readonly AllowedPattern?: string }>
    > = parameters;
    const { tag, text = String(value) } = Object(value) as Partial<Tagged>;
    if (tag === '!GetAtt') return name in all;
    // The flag inside of the pattern is Java's; CloudFormation looks at each item of a list.
    const pattern = all[name]?.AllowedPattern?.replace('(?i:aws|ssm)', '(?:aws|ssm)');
    const items = text.replaceAll(ownAccount, '111122223333').split(',');
    return pattern !== undefined && items.every((item) => new RegExp(pattern).test(item));
  }

  test('the policy names the function and the stage of the API', () => {
    const policyOf = (answers: RawAnswers) =>
      toTemplate(answers).Resources['Proxy']?.Properties['Parameters'] as Record<
        string,
        Tagged | string
      >;

    expect(
      policyOf({ upstream: 'function-url', url: functionUrl, function: 'orders:live' }),
    ).toMatchObject({
      UpstreamFunctionArns: {
        text: `arn:aws:lambda:eu-west-1:${ownAccount}:function:orders:live`,
      },
    });
    expect(policyOf({ upstream: 'api', url: apiUrl })).toMatchObject({
      UpstreamApiArns: { text: expect.stringContaining(':abc1234567/prod/*/*,') },
    });
    const arn = 'arn:aws:lambda:eu-west-1:444455556666:function:orders';
    expect(policyOf({ upstream: 'function-url', url: functionUrl, function: arn })).toMatchObject({
      UpstreamFunctionArns: arn,
    });
  });

  test('the settings name stack and Region, and the README the commands', () => {
    const files = toFiles({ upstream: 'hello', region: 'eu-west-1' });
    const put = 'npx countersign routes put routes/ --path /countersign/gateway --region eu-west-1';

    expect(files.get('samconfig.toml')).toContain('stack_name = "gateway"\nregion = "eu-west-1"\n');
    expect(files.get('README.md')).toContain(
      `\`\`\`sh\nsam deploy\n${put}\naws cloudformation describe-stacks --stack-name gateway --region eu-west-1`,
    );
    expect([...files.keys()].sort()).toEqual([
      ...['.gitignore', 'README.md', 'countersign/template.json', 'hello/index.mjs'],
      ...['routes/hello.json', 'samconfig.toml', 'template.yaml'],
    ]);
  });

  test('an account is refused, since that of the credentials is used', async () => {
    const { status, stderr } = await init('--with', 'sam', '--account', '111122223333');

    expect(status).toBe(2);
    expect(stderr).toContain('--account does not go with --with sam.');
  });
});

describe('for Terraform', () => {
  const module = join(root, 'terraform');
  const released = readdirSync(module).map((file) => ({
    file,
    text: readFileSync(join(module, file)),
  }));

  /** Writes the app without the functions' code. */
  function write(answers: RawAnswers, folderName?: string) {
    const plan = toPlan({ ...answers, with: 'terraform' }, folderName);
    const files = toTerraformApp(plan, { released, helloZip: new Uint8Array(), cli });
    const stdout = new PassThrough();
    writeApp({ env: {}, stdin: stdout, stdout, stderr: stdout }, folder, files);
    return readModule(folder);
  }

  test.each(choices)(
    'the code for %s gives the module what it takes, and refers to what there is',
    async (_, answers) => {
      const app = await write(answers);
      const { readVariables, readBlock } = await readModule(join(folder, 'countersign'));
      const { source, depends_on: _after, ...given } = app.readBlock('module', 'proxy');
      const variables = Object.entries(readVariables());
      const required = variables.flatMap(([name, block]) => ('default' in block ? [] : [name]));
      const code = app.text.replace(/^\s*#.*$/gm, '');
      const used = code.match(/\b(?:data\.)?aws_\w+\.\w+(?=[.\]])/g) ?? [];
      const outputs = [...code.matchAll(/module\.proxy\.(\w+)/g)].map(([, name = '']) => name);

      expect(source).toBe('./countersign');
      expect(variables.map(([name]) => name)).toEqual(expect.arrayContaining(Object.keys(given)));
      expect(Object.keys(given)).toEqual(expect.arrayContaining(required));
      expect(app.listResources()).toEqual(expect.arrayContaining(used));
      for (const name of new Set(outputs)) expect(readBlock('output', name)).toBeDefined();
      expect(outputs).toContain('url');
    },
  );

  test('its policy, provider and documents are those that were asked for', async () => {
    await write({ upstream: 'api', url: apiUrl, account: '111122223333', region: 'us-east-1' });
    const checked = await countersign(nowhere, ['check', join(folder, 'routes')]);

    expect(read('main.tf')).toContain(
      'upstream_api_arns = ["arn:aws:execute-api:eu-west-1:111122223333:abc1234567/prod/*/*",',
    );
    expect(read('main.tf')).toContain(
      'region              = "us-east-1"\n  allowed_account_ids = ["111122223333"]',
    );
    expect(JSON.parse(read('routes/api.json'))).toMatchObject({ uri: '/*' });
    expect(checked.status).toBe(0);
  });

  test('the name of a folder becomes one that the module takes', async () => {
    const { readLocal } = await write({ upstream: 'hello' }, 'My_Gateway of much too long a name!');

    expect(readLocal('name')).toBe('my-gateway-of-much-too-long-a-n');
  });

  test('a name that the module does not take is refused', async () => {
    const { status, stderr } = await init('--with', 'terraform', '--name', 'Gateway');

    expect(status).toBe(2);
    expect(stderr).toContain(
      '--name: found "Gateway", expected at most 31 characters of a-z 0-9 and -',
    );
  });

  test('init writes the module of the release with the built functions, and nothing a second time', async () => {
    const { status, stderr } = await init('--with', 'terraform', '--package', '^1.0.0');
    const again = await init('--with', 'terraform');

    expect(status).toBe(0);
    expect(stderr).toContain('terraform init\n  terraform apply\n');
    expect(read('README.md')).toContain('npx countersign check routes\n');
    for (const { file, text } of released) expect(read(`countersign/${file}`)).toBe(String(text));
    for (const name of ['proxy', 'publisher']) {
      const zip = unzipSync(readFileSync(join(folder, 'countersign', 'zips', `${name}.zip`)));
      const built = readFileSync(join(root, 'dist', name, 'index.mjs'));
      expect(Buffer.from(zip['index.mjs'] ?? '').equals(built)).toBe(true);
    }
    expect(Object.keys(unzipSync(readFileSync(join(folder, 'hello.zip'))))).toEqual(['index.mjs']);
    expect(again.status).toBe(4);
    expect(again.stderr).toContain(join(folder, 'countersign/main.tf'));
  });
});
