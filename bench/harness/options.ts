/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Runs fewer rounds, to check that the bench works. Do not quote the results. */
  readonly isQuick: boolean;
  /** The figures to measure; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Measures on the Node that runs this program, not on Lambda's. */
  readonly usesOwnNode: boolean;
}

/**
 * @param args arguments after the script's name
 * @param known the existing figures
 * @throws Error that names the wrong argument
 */
export function parseOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      'own-node': { type: 'boolean', default: false },
    },
  });
  const only = values.only?.flatMap((list) => list.split(','));
  const unknown = only?.find((figure) => !known.includes(figure));
  if (unknown !== undefined) {
    throw new Error(`--only: there is no figure ${unknown}; known are ${known.join(', ')}`);
  }
  return { isQuick: values.quick, only, usesOwnNode: values['own-node'] };
}
