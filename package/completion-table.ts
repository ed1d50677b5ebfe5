/** An esbuild plugin: the words of all commands as data, so that `completion` of the package loads no other command. */
import { PassThrough } from 'node:stream';
import type { Plugin } from 'esbuild';
import { toWords } from '../cli/completion/words.ts';
import { createProgram } from '../cli/program.ts';

const namespace = 'completion-table';

export const completionTable: Plugin = {
  name: namespace,
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\/table\.ts$/ }, ({ path, importer }) =>
      importer.endsWith('commands/completion.ts') ? { path, namespace } : undefined,
    );
    onLoad({ filter: /^/, namespace }, async () => ({
      contents: `export const table = ${JSON.stringify(await readTable())};`,
    }));
  },
};

async function readTable() {
  const stream = new PassThrough();
  const host = { env: {}, stdin: stream, stdout: stream, stderr: stream };
  const { program } = await createProgram(host);
  return toWords(program, program.commands);
}
