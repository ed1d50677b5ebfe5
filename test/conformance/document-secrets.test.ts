/** No message about a document holds a secret's value, whatever is wrong with the document. */
import fc from 'fast-check';
import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { compile, documentOf, functionUri } from '../support/documents.ts';
import { toRuns } from '../support/sample.ts';

const mark = 'MARKED-SECRET';
const authorization = {
  apikey: mark,
  iam: { accesskey: mark, secretkey: mark, session_token: mark, aws_region: 'us-east-1' },
};
const literal = documentOf({
  id: 'a',
  plugins: {
    'forward-auth': { uri: 'https://auth.example.com/', extra_headers: { 'x-auth': mark } },
    'aws-lambda': { function_uri: `${functionUri}?key=${mark}`, authorization },
  },
});

type Json = unknown;
type Mistake = (value: Json) => Json;

/** Mistakes that people make with JSON, at any place in a document. */
const mistakes: readonly Mistake[] = [
  (value) => JSON.stringify(value),
  (value) => [value],
  (value) => ({ value }),
  (value) => String(value),
  () => 7,
  () => null,
  () => true,
  (value) => (isObject(value) ? Object.entries(value) : `${value}\n`),
  (value) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, item]) => [`${key}_`, item]))
      : `${value}`,
  (value) => (isObject(value) ? { ...value, unknown: mark } : value),
];

const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null;

function pathsOf(value: Json, at: readonly string[] = []): (readonly string[])[] {
  const below = isObject(value)
    ? Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]))
    : [];
  return [at, ...below];
}

function changeAt(value: Json, [key, ...rest]: readonly string[], mistake: Mistake): Json {
  if (key === undefined) return mistake(value);
  if (!isObject(value)) return value;
  const changed = changeAt(value[key], rest, mistake);
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === key ? changed : item))
    : { ...value, [key]: changed };
}

async function messageOf(
  document: Json,
  secrets: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const { warnings } = await compile(document, { secrets });
    return JSON.stringify(warnings);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return `${error.message} ${JSON.stringify(error.issues)}`;
  }
}

const cases = [literal, [literal]].flatMap((document) =>
  pathsOf(document).flatMap((path) =>
    mistakes.map((mistake) => [document, path, mistake] as const),
  ),
);

test('one mistake anywhere never shows a secret that is written where secrets belong', async () => {
  const shown: string[] = [];
  for (const [document, path, mistake] of cases) {
    const message = await messageOf(changeAt(document, path, mistake));
    if (message.includes(mark)) shown.push(`/${path.join('/')} after ${mistake}`);
  }
  expect(shown).toEqual([]);
});

test('two mistakes anywhere do not, either', async () => {
  const one = fc.tuple(fc.nat(), fc.constantFrom(...mistakes));
  await fc.assert(
    fc.asyncProperty(one, one, async ([firstAt, first], [secondAt, second]) => {
      const change = (document: Json, at: number, mistake: Mistake) => {
        const paths = pathsOf(document);
        return changeAt(document, paths[at % paths.length] ?? [], mistake);
      };
      const document = change(change(literal, firstAt, first), secondAt, second);
      expect(await messageOf(document)).not.toContain(mark);
    }),
    { numRuns: toRuns(500) },
  );
});

test.each([
  [
    'the whole document, encoded twice',
    JSON.stringify({ plugins: { 'aws-lambda': { authorization } } }),
  ],
  [
    'a plugin that is encoded twice',
    documentOf({ plugins: { 'aws-lambda': JSON.stringify(authorization) } }),
  ],
  [
    'plugins that are encoded twice',
    documentOf({ plugins: JSON.stringify({ 'aws-lambda': { authorization } }) }),
  ],
  [
    'a password in function_uri',
    documentOf({
      plugins: { 'aws-lambda': { function_uri: `https://user:${mark}@example.com/` } },
    }),
  ],
  [
    'a password with a slash in function_uri',
    documentOf({
      plugins: { 'aws-lambda': { function_uri: `https://user:a/${mark}@example.com/` } },
    }),
  ],
])('%s shows none', async (_, document) => {
  expect(await messageOf(document)).not.toContain(mark);
});

const secretValues = [
  mark,
  `https://${mark}/`,
  `https://user:${mark}@example.com/`,
  `https://example.com/?${mark}`,
  `https://${mark.replace('-', '%2d')}.example.com/`,
  `https://${mark.toLowerCase()}./`,
  `https://localhost:99999/${mark}`,
  `/${mark}*x`,
  `${mark}\n`,
];

test('a secret from a reference is never shown, in any attribute', async () => {
  const written = { ...literal.plugins['aws-lambda'], timeout: 3000, ssl_verify: true };
  const shown: string[] = [];
  for (const value of secretValues) {
    for (const path of pathsOf(written).slice(1)) {
      const config = changeAt(written, path, () => '$secret://ssm/it');
      const document = documentOf({ plugins: { 'aws-lambda': config } });
      const message = await messageOf(document, { it: value });
      if (message.toLowerCase().includes(mark.toLowerCase()))
        shown.push(`${value} at ${path.join('/')}`);
    }
  }
  expect(shown).toEqual([]);
});
