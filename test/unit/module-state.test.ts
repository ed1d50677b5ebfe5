import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a module keeps for all of its callers: maps that start empty, variables, and regexes that remember a place. */
const kept =
  /^(?:export )?(?:let |const \w+(?:: [^=]+)? = (?:new (?:WeakMap|WeakSet|Map|Set)(?:<.*>)?\(\)|\/.*\/[a-z]*y[a-z]*;))/gm;
/** Empty values that types declare read-only. */
const constants = [
  'const noIdentity: Identity',
  'const none: ReadonlySet',
  'const noNames: ReadonlySet',
];

/** They remember what pure functions returned, so that equal parts of documents are held once. No result depends on them. */
const memories = [
  'documents/kept-compiled.ts: ',
  'routes/consumers.ts: const digests',
  'upstream/balance/compile.ts: const connectedNodes',
  'upstream/balance/parse-nodes.ts: ',
];

test('module state is found', () => {
  expect('let a = 1;\nconst b = new Map<string, X>();\nconst c = /x/y;'.match(kept)).toHaveLength(
    3,
  );
  expect("const b = new Set(['a']);\nconst c = /y/;".match(kept)).toBeNull();
});

test('no module of the proxy keeps state: the composition root creates it and passes it down', () => {
  const root = join(import.meta.dirname, '..', '..', 'functions', 'proxy');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const state = readFileSync(join(root, file), 'utf8').match(kept) ?? [];
      return state.map((text) => `${file}: ${text}`);
    });
  const known = [...constants, ...memories];
  expect(found.filter((text) => !known.some((part) => text.includes(part)))).toEqual([]);
});
