import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { findSecrets, resolveReferences } from '../../functions/proxy/documents/references.ts';
import { thrownBy } from '../support/builders.ts';
import { rules } from '../support/documents.ts';

const secrets = '/countersign/test/secrets';
const source = {
  rules,
  readSecret: (name: string) =>
    ({
      [`${secrets}/key`]: 'secret-key',
      [`${secrets}/a/b`]: 'nested',
      [`${secrets}/consumers/ann`]: 'of-ann',
      '/shared/x': 'absolute',
    })[name],
  readVariable: (name: string) =>
    ({ COUNTERSIGN_VAR_STAGE: 'prod', COUNTERSIGN_VAR_EMPTY: '', PATH: '/bin' })[name],
};
const pointer = '/plugins/p';
const resolve = (value: unknown, isOfConsumer = false) =>
  resolveReferences(value, source, { pointer, isOfConsumer });

test.each<[unknown, unknown, readonly string[]]>([
  ['$secret://ssm/key', 'secret-key', ['secret-key']],
  ['$secret://ssm/a/b', 'nested', ['nested']],
  ['$secret://ssm//shared/x', 'absolute', ['absolute']],
  ['$SECRET://ssm/key', 'secret-key', ['secret-key']],
  ['$env://COUNTERSIGN_VAR_STAGE', 'prod', ['prod']],
  ['$ENV://COUNTERSIGN_VAR_STAGE', 'prod', ['prod']],
  ['$env://COUNTERSIGN_VAR_EMPTY', '', ['']],
  ['plain', 'plain', []],
  ['', '', []],
  ['x $secret://ssm/key', 'x $secret://ssm/key', []],
  [7, 7, []],
  [null, null, []],
  [{ a: [{ b: '$env://COUNTERSIGN_VAR_STAGE' }, 'x'] }, { a: [{ b: 'prod' }, 'x'] }, ['prod']],
])('%j becomes %j', (written, value, substituted) => {
  expect(resolve(written)).toEqual({ value, substituted });
});

test.each([
  ['$secret://ssm/none', `a parameter ${secrets}/none that the proxy's role may read`],
  ['$secret://ssm//shared/none', "a parameter /shared/none that the proxy's role may read"],
  [
    '$secret://ssm//countersign/test/consumers/ann',
    `a secret: of what is below /countersign/test only ${secrets}/ holds any`,
  ],
  ['$secret://vault/key', '$secret://ssm/<name> (the only secret manager here is ssm)'],
  ['$secret://ssm/', '$secret://ssm/<name> (the only secret manager here is ssm)'],
  ['$secret://', '$secret://ssm/<name> (the only secret manager here is ssm)'],
  ['$env://COUNTERSIGN_VAR_NONE', 'an environment variable that is set'],
  ['$env://PATH', 'a variable whose name begins with COUNTERSIGN_VAR_ (COUNTERSIGN_ENV_PREFIX)'],
])(
  '%s does not resolve: the document is invalid, and the text is never used as it is',
  (written, expected) => {
    const error = thrownBy(() => resolve({ list: ['x', { 'k/y': written }] }));
    expect(error).toBeInstanceOf(DocumentError);
    expect(error).toMatchObject({
      issues: [{ pointer: '/plugins/p/list/1/k~1y', found: JSON.stringify(written), expected }],
    });
  },
);

describe('a secret of consumers', () => {
  const reference = '$secret://ssm/consumers/ann';

  test('is for their documents', () => {
    expect(resolve(reference, true).value).toBe('of-ann');
  });

  test.each([
    reference,
    '$secret://ssm/Consumers/ann',
    `$secret://ssm/${secrets}/consumers/ann`,
    '$secret://ssm/consumers',
  ])('is for no other document: %s', (written) => {
    const folder = `${secrets}/consumers/`;
    const expected = `another secret: only documents of consumers refer to what is below ${folder}`;
    expect(thrownBy(() => resolve(written))).toMatchObject({ issues: [{ expected }] });
  });
});

test('the value that was put in is not looked at for references again', () => {
  const nested = { ...source, readSecret: () => '$env://COUNTERSIGN_VAR_STAGE' };
  expect(
    resolveReferences('$secret://ssm/key', nested, { pointer: '', isOfConsumer: false }).value,
  ).toBe('$env://COUNTERSIGN_VAR_STAGE');
});

test('a key named __proto__ stays a key', () => {
  const { value } = resolve(JSON.parse('{"__proto__":"$env://COUNTERSIGN_VAR_STAGE"}'));
  expect(Object.entries(value as object)).toEqual([['__proto__', 'prod']]);
});

test.each([
  [
    '{"a":"$secret://ssm//aws/reference/secretsmanager/shared/x"}',
    ['/aws/reference/secretsmanager/shared/x'],
  ],
  ['{"a":"$secret:\\/\\/ssm\\/\\/shared\\/x"}', ['/shared/x']],
  ['{"a":"$secret://ssm//sh\\u0061red/x"}', ['/shared/x']],
  ['{"a":"$secret://ssm//shared/1","b":["$secret://ssm//shared/2"]}', ['/shared/1', '/shared/2']],
  ['{"a":"$secret://ssm/relative"}', [`${secrets}/relative`]],
  ['{"a":"$secret://ssm//unlisted/x","b":"$secret://ssm//countersign/test/consumers/ann"}', []],
  ['{"a":"$secret://ssm//shared/x\\"}', []],
  ['{"a":"$env:///x"}', []],
  ['no JSON "$secret://ssm//shared/x"', ['/shared/x']],
  ['', []],
])('the secrets that may be read for %s are %j', (text, names) => {
  expect(findSecrets(text, rules)).toEqual(names);
});
