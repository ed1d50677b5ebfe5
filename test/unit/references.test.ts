import { DocumentError } from '../../functions/proxy/routes/document-error.ts';
import { findAbsoluteSecrets, resolveReferences } from '../../functions/proxy/routes/references.ts';
import { thrownBy } from '../support/builders.ts';

const source = {
  readSecret: (name: string) =>
    ({ key: 'secret-key', 'a/b': 'nested', '/abs/x': 'absolute', empty: '' })[name],
  readVariable: (name: string) => ({ STAGE: 'prod', EMPTY: '' })[name],
};
const resolve = (value: unknown) => resolveReferences(value, source, '/plugins/p');

test.each<[unknown, unknown, readonly string[]]>([
  ['$secret://ssm/key', 'secret-key', ['secret-key']],
  ['$secret://ssm/a/b', 'nested', ['nested']],
  ['$secret://ssm//abs/x', 'absolute', ['absolute']],
  ['$SECRET://ssm/key', 'secret-key', ['secret-key']],
  ['$env://STAGE', 'prod', ['prod']],
  ['$ENV://STAGE', 'prod', ['prod']],
  ['$env://EMPTY', '', ['']],
  ['plain', 'plain', []],
  ['', '', []],
  ['x $secret://ssm/key', 'x $secret://ssm/key', []],
  [7, 7, []],
  [null, null, []],
  [{ a: [{ b: '$env://STAGE' }, 'x'] }, { a: [{ b: 'prod' }, 'x'] }, ['prod']],
])('%j becomes %j', (written, value, substituted) => {
  expect(resolve(written)).toEqual({ value, substituted });
});

test.each([
  ['$secret://ssm/none', "a parameter <root>/secrets/none that the proxy's role may read"],
  ['$secret://ssm//abs/none', "a parameter /abs/none that the proxy's role may read"],
  ['$secret://vault/key', '$secret://ssm/<name> (the only secret manager here is ssm)'],
  ['$secret://ssm/', '$secret://ssm/<name> (the only secret manager here is ssm)'],
  ['$secret://', '$secret://ssm/<name> (the only secret manager here is ssm)'],
  ['$env://NONE', 'an environment variable that is set and is no credential of the role'],
  ['$env://', 'an environment variable that is set and is no credential of the role'],
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

test('the value that was put in is not looked at for references again', () => {
  const nested = { ...source, readSecret: () => '$env://STAGE' };
  expect(resolveReferences('$secret://ssm/key', nested, '').value).toBe('$env://STAGE');
});

test('a key named __proto__ stays a key', () => {
  const { value } = resolve(JSON.parse('{"__proto__":"$env://STAGE"}'));
  expect(Object.entries(value as object)).toEqual([['__proto__', 'prod']]);
});

test.each([
  ['{"a":"$secret://ssm//aws/reference/secretsmanager/x"}', ['/aws/reference/secretsmanager/x']],
  ['{"a":"$secret:\\/\\/ssm\\/\\/abs\\/x"}', ['/abs/x']],
  ['{"a":"$secret://ssm//one","b":["$secret://ssm//two"]}', ['/one', '/two']],
  ['{"a":"$secret://ssm/relative"}', []],
  ['{"a":"$env:///x"}', []],
  ['no JSON "$secret://ssm//abs/x"', ['/abs/x']],
  ['', []],
])('the absolute names in %s are %j', (text, names) => {
  expect(findAbsoluteSecrets(text)).toEqual(names);
});
