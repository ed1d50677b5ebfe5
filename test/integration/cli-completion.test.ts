/** Completion scripts: bash runs its script; those of zsh and fish name the same words. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { countersign } from '../support/cli.ts';

const nowhere = 'http://127.0.0.1:9';
const scriptOf = async (shell: string) =>
  (await countersign(nowhere, ['completion', shell])).stdout;

/** What bash offers after a command line. */
async function complete(line: string): Promise<string[]> {
  const words = line.split(' ').map((word) => `'${word}'`);
  const program = `${await scriptOf('bash')}
COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _countersign
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', program]);
  return stdout.split('\n').filter(Boolean);
}

it.each([
  ['countersign ro', ['routes']],
  ['countersign --region eu-west-1 con', ['consumers', 'consumer-groups']],
  ['countersign global-rules ro', ['rollback']],
  ['countersign routes ro', ['rollback']],
  ['countersign routes put --pru', ['--prune']],
  ['countersign routes put --no-c', ['--no-color']],
  ['countersign completion ', ['bash', 'zsh', 'fish']],
  ['countersign in', ['invoke', 'init']],
  ['countersign init --u', ['--upstream', '--url', '--uri']],
  ['countersign import ', ['apisix', 'sigv4-proxy']],
  ['countersign import sigv4-proxy --ur', ['--uri']],
  ['countersign routes put ord', []],
])('bash completes %j', async (line, words) => {
  expect(await complete(line)).toEqual(words);
});

it.each(['zsh', 'fish'])('%s gets the commands, options and their descriptions', async (shell) => {
  const script = await scriptOf(shell);

  for (const text of [
    'routes put',
    'import sigv4-proxy',
    'upstream',
    'rollback',
    'print the version',
  ]) {
    expect(script).toContain(text);
  }
  // A stray quote would end a string.
  expect((script.match(/'/g)?.length ?? 1) % 2).toBe(0);
});

it.each(['zsh', 'fish'])('%s shows a colon in a description as it is', async (shell) => {
  expect(await scriptOf(shell)).toContain('with a folder: remove what is not in it');
});

it('conditions of fish compare the typed command with a text in double quotes', async () => {
  const lines = (await scriptOf('fish')).split('\n').filter((line) => line.startsWith('complete '));
  const condition = /^complete -c countersign -n '__countersign_is "([a-z0-9 -]*)"' /;
  const commands = new Set(lines.map((line) => condition.exec(line)?.[1]));

  expect(commands).not.toContain(undefined);
  expect([...commands]).toEqual(expect.arrayContaining(['', 'routes put', 'import sigv4-proxy']));
});

it('refuses a shell that it does not know', async () => {
  const { status, stderr } = await countersign(nowhere, ['completion', 'tcsh']);

  expect(status).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
