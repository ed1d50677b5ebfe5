/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface Options {
  /** Fewer rounds: to see that it runs, not to quote. */
  readonly isQuick: boolean;
  /** The figures to measure; undefined for all. */
  readonly only: readonly string[] | undefined;
  /** Measures on the Node that runs this, not on the one of Lambda. */
  readonly usesOwnNode: boolean;
}

/**
 * @param args what follows the script's name
 * @param known the figures that exist
 * @throws Error that names what is wrong
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
