/** Paths and queries in which a rule finds something, however they are written. */
import { type Guarded, startGuarded } from '../../support/guarded.ts';

const block = (...block_rules: string[]) => ({ 'uri-blocker': { block_rules } });

describe('uri-blocker', () => {
  let guarded: Guarded;

  beforeAll(async () => {
    guarded = await startGuarded({
      one: block('aa'),
      several: block('aa', 'bb', 'c\\d+'),
      files: block('root.exe', 'root.m+'),
      sql: block('select.+(from|limit)', '(?:(union(.*?)select))'),
      plus: block('a\\+b'),
      anchored: block('^/anchored/internal/'),
      end: block('\\.php$'),
      umlaut: block('grün'),
      told: {
        'uri-blocker': {
          block_rules: ['AA'],
          case_insensitive: true,
          rejected_code: 451,
          rejected_msg: 'access is not allowed',
        },
      },
    });
  });

  afterAll(() => guarded.close());

  // Cases of APISIX's own test suite, and ways to write the same thing differently.
  it.each([
    ['one', '?aa=1', 403],
    ['one', '?bb=2', 200],
    ['one', '?AA=1', 200],
    ['one', '?%61a=1', 403],
    ['one', '?%2561%61=1', 403],
    ['one', '?a%61=%zz', 403],
    ['several', '?x=bb', 403],
    ['several', '?bb=2', 403],
    ['several', '?c1=2', 403],
    ['several', '?cc=2', 200],
    ['files', '/root.exe?a=a', 403],
    ['files', '/root.mm', 403],
    ['files', '/root%2eexe', 403],
    ['files', '/root.txt', 200],
    ['sql', '?name=;select%20from%20sys', 403],
    ['sql', '?name=;select+1+from+sys', 403],
    ['sql', '?name=;union%20select%20', 403],
    ['sql', '?name=;%75nion%20%73elect', 403],
    ['sql', '?cc=2', 200],
    ['plus', '?q=a+b', 403],
    ['plus', '?q=a%2Bb', 403],
    ['plus', '?q=ab', 200],
    ['anchored', '/internal/x', 403],
    ['anchored', '//internal///x', 403],
    ['anchored', '/%69nternal/x', 403],
    ['anchored', '/%2569nternal/x', 403],
    ['anchored', '/internal%2Fx', 403],
    ['anchored', '/;/internal/x', 403],
    ['anchored', '/;a/;b/internal/x', 403],
    ['anchored', '/%3Ba/internal/x', 403],
    ['anchored', '/internal%5Cx', 403],
    ['anchored', '/internal;v=1/x', 403],
    ['anchored', '/other?/anchored/internal/', 200],
    ['anchored', '/./internal/x', 400],
    ['end', '/index.php', 403],
    ['end', '/index.php;x', 403],
    ['end', '/index.ph%70', 403],
    ['umlaut', '/gr%C3%BCn', 403],
    ['umlaut', '/gr%c3%bcn', 403],
    ['umlaut', '/gr%FCn', 200],
  ])('on %s, %s is answered %s', async (route, target, status) => {
    const response = await guarded.ask(route, { target });

    expect(response.status).toBe(status);
  });

  it('answers with the status and message of the document', async () => {
    const response = await guarded.ask('told', { target: '?aa=1' });

    expect(response.status).toBe(451);
    expect(response.header('countersign-error')).toBe('FORBIDDEN');
    expect(response.json()).toMatchObject({ detail: 'access is not allowed' });
  });

  it('what passes reaches the upstream as it was sent', async () => {
    await guarded.ask('one', { target: '/x%2Fy//z?q=%62&r=%zz' });

    expect(guarded.upstream.received.at(-1)?.target).toBe('/x%2Fy//z?q=%62&r=%zz');
  });
});
