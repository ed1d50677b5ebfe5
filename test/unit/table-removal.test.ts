/** What the newest version of a list does not have is out of force, though that version is malformed. */
import { broken, guarded, isWithheld, loadBoth, open } from '../support/versions.ts';

describe('what a malformed array leaves out of the last valid version', () => {
  const item = (id: string, document: object = open) => ({ ...document, id, uri: `/${id}` });

  test.each<[what: string, versions: readonly unknown[]]>([
    ['a route', [[item('a'), item('b')], [broken(item('b'))]]],
    [
      'a route with another id',
      [
        [item('a'), item('b')],
        [item('b'), broken(item('c', guarded()))],
      ],
    ],
    [
      'a route, beside an item without an id',
      [
        [item('a'), item('b')],
        [item('b'), broken(open)],
      ],
    ],
    [
      'a route, in a text with a comma too many',
      [[item('a'), item('b')], `[${JSON.stringify(item('b'))},]`],
    ],
    ['an array that becomes one route', [[item('a'), item('b')], broken(item('b'))]],
    ['one route that becomes an array', [item('a'), [item('b'), broken(item('c'))]]],
  ])('%s: it answers 503, warm and fresh', async (_, versions) => {
    const [warm, fresh] = await loadBoth(versions);

    expect([isWithheld(warm), isWithheld(fresh)]).toEqual([true, true]);
    expect(warm.version).toBe(fresh.version);
  });
});
