/**
 * `npm run contract`: adds new promises to contract.txt. A promise that is gone stays in the file until the next release,
 * so that its line of CHANGELOG.md cannot be lost meanwhile. `--release` leaves what holds now; `--check` writes nothing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { compare } from './compare.ts';
import { contractFile, listPromises, parseContract } from './contract.ts';
import { read } from './sources.ts';

const option = process.argv[2];
const kept = await listPromises();
const promised = parseContract(readFileSync(contractFile, 'utf8'));
const { added, unannounced } = compare(promised, kept, read('CHANGELOG.md'));
if (unannounced.length > 0) {
  process.stderr.write(`CHANGELOG.md does not name:\n${unannounced.join('\n')}\n`);
  process.exitCode = 1;
} else if (option !== '--check') {
  const lines = option === '--release' ? kept : [...new Set([...promised, ...kept])].sort();
  writeFileSync(contractFile, `${lines.join('\n')}\n`);
  process.stdout.write(`${added.length} new, ${lines.length} in all.\n`);
}
