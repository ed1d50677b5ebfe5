/** Header values that are hostile, or look hostile, and the values that the upstream must receive. */
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';

const highBytes = String.fromCharCode(...Array.from({ length: 128 }, (_, index) => 128 + index));

/**
 * `Connection` values, with headers that the upstream still receives (one value each), and headers that it does not.
 */
export const named: readonly (readonly [
  named: string,
  kept: Readonly<Record<string, string>>,
  lost: readonly string[],
])[] = [
  ['x-amz-date', { 'x-amz-security-token': LOCAL_CREDENTIALS.sessionToken }, []],
  [
    'X-Amz-Content-Sha256, X-Amz-Security-Token',
    { 'x-amz-security-token': LOCAL_CREDENTIALS.sessionToken },
    [],
  ],
  ['host', { host: 'UPSTREAM' }, []],
  ['content-length', { 'content-length': '4' }, []],
  ['authorization', { 'x-one': '1' }, ['x-original-authorization']],
  ['x-original-authorization', { 'x-original-authorization': 'Bearer client' }, []],
  [
    'x-forwarded-for, x-forwarded-host, x-forwarded-proto, via',
    { 'x-forwarded-proto': 'https', via: '1.1 countersign' },
    [],
  ],
  ['cookie', { 'x-one': '1' }, ['cookie']],
  ['close, X-ONE ,,x-two', { cookie: 'a=1' }, ['x-one', 'x-two']],
  ['content-type', { 'x-one': '1' }, ['content-type']],
  ['', { 'x-one': '1', 'x-two': '2' }, []],
];

/** Repeated headers, and the one value that the upstream receives. */
export const odd: readonly (readonly [what: string, sent: readonly string[], arrived: string])[] = [
  ['repeated', ['1', '2', '1'], '1,2,1'],
  ['repeated with an empty one', ['1', '', '2'], '1,,2'],
  ['empty', [''], ''],
  ['of several spaces', ['a   b    c'], 'a   b    c'],
  ['surrounded by blanks', [' \t a \t '], 'a'],
  ['with tabs', ['a\tb\t\tc'], 'a\tb\t\tc'],
  ['in Latin-1', ['caf\xe9'], 'caf\xe9'],
  ['in UTF-8', ['caf\xc3\xa9'], 'caf\xc3\xa9'],
  ['with a no-break space', ['a\xa0b\xc3\xa0'], 'a\xa0b\xc3\xa0'],
  ['of all bytes above 127', [highBytes], highBytes],
  ['with commas, quotes and semicolons', ['a, "b;c" ;d=\\e'], 'a, "b;c" ;d=\\e'],
];
