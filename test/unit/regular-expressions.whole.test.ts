/** No expression of the runtime takes longer than in proportion to the text: a client may send a megabyte. */
import { join } from 'node:path';
import { isLinear, readExpressions } from '../support/regular-expressions.ts';
import { sample } from '../support/sample.ts';

/** What the check cannot tell, and why it holds all the same. None of them meets what a client sends. */
const explained: Readonly<Record<string, string>> = {
  // Each begins with a character that it does not go on with, so that no two beginnings look at the same text.
  '\\$(?:(\\w+)|\\{ *(\\w+) *(?:\\?\\?([^${}]*))?\\})':
    'plugins/variables.ts: a template of the operator',
  '\\{([^{}]*)\\}': 'webhook-auth/template.ts: a template of the operator',
  '(\\$\\$|\\$\\d+|\\$\\{\\d+\\})': 'response-rewrite/filters.ts: a template of the operator',
  '(\\{[^{}]*\\})': 'webhook-auth/template.ts: a template of the operator',
  '"\\$secret:(?:\\\\?\\/){2}ssm\\\\?\\/([^"]+)"': 'routes/references.ts: a document',
  '\\): (\\w+): ': 'publisher-on-deploy/to-reason.ts: the message of an error',
  // A string that ends cannot make it begin anew, and in JSON every string ends.
  '"(?:[^"\\\\]|\\\\.)*"|[{}[\\],]': 'routes/repeated-key.ts: JSON that was parsed before',
};

const folder = join(import.meta.dirname, '..', '..', 'functions');
const deployed = ['proxy', 'publisher', 'publisher-on-deploy', 'create-route', 'hello', 'users'];
const expressions = deployed.flatMap((name) => readExpressions(join(folder, name)));

test('there are expressions to look at', () => {
  expect(expressions.length).toBeGreaterThan(80);
});

test('no expression of a deployed function takes more than linear time', () => {
  const suspects = sample(expressions).filter(
    (expression) => !Object.hasOwn(explained, expression.source) && !isLinear(expression),
  );

  expect(suspects).toEqual([]);
});

test('every explained expression still exists', () => {
  const sources = new Set(expressions.map(({ source }) => source));

  expect(Object.keys(explained).filter((source) => !sources.has(source))).toEqual([]);
});

// Those that this project had, and the classics; the last ones are what the check must let pass.
test.each([
  [/\.+$/, false],
  [/[ \t]+\r?$/, false],
  [/^transfer-encoding:.*\t *$/i, false],
  [/^bearer +(.*)$/i, false],
  [/Credential=([^/]*)\//, false],
  [/^(a+)+$/, false],
  [/a*a*b/, false],
  [/^\s+|\s+$/, false],
  [/^a+$/, true],
  [/[ \t]+/g, true],
  [/%[0-9a-f]{2}/i, true],
  [/a[*+{]|\*b?|c|d/, true],
  [/\s*(\w+)=(?:"([^"]*)"|\d+)\s*(?:,|$)/y, true],
  [/^[\w-]+(,[\w-]+)*$/, true],
])('%p is linear: %p', (expression, expected) => {
  expect(isLinear(expression)).toBe(expected);
});
