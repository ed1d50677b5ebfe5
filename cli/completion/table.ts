import type { CommandWords } from './words.ts';

/**
 * The words of all commands. The package's build puts them in the place of this module; from source they are not known
 * before all commands are loaded.
 */
export const table: readonly CommandWords[] | undefined = undefined;
