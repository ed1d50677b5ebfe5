/** `npm run soak -- [--requests 50000] [--seed 1] [--seconds 600]`: ends by itself, with 1 when anything was wrong. */
import { parseArgs } from 'node:util';
import { runSoak, type SoakReport } from './soak.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '600' },
    environments: { type: 'string', default: '6' },
    // A folder that nobody builds into meanwhile.
    artefact: { type: 'string' },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

const requests = Number(values.requests);
const report = await runSoak({
  requests,
  seed: Number(values.seed),
  seconds: Number(values.seconds),
  environments: Number(values.environments),
  proxyRoot: values.artefact,
  onProgress: say,
});
printReport(report);
const isShort = report.requests < requests;
if (isShort) say(`\nonly ${report.requests} of ${requests} requests in ${values.seconds} s`);
process.exitCode = isShort || report.violations.length > 0 ? 1 : 0;

function printReport({ outcomes, injected, logged, samples, violations, ...rest }: SoakReport) {
  printTable('outcome', outcomes);
  printTable('injected', injected);
  printTable('logged', logged);
  say('\n  requests  MB of each environment / its sockets / connections at the upstreams');
  for (const { asked, rssMb, sockets, upstreamSockets } of samples) {
    const memory = rssMb.map((mb) => mb.toFixed(0)).join(' ');
    say(`  ${String(asked).padStart(8)}  ${memory} / ${sockets.join(' ')} / ${upstreamSockets}`);
  }
  say(
    `\n${rest.requests} requests in ${rest.seconds.toFixed(0)} s, seed ${values.seed}; longest ${rest.longestMs} ms; oldest document ${rest.longestStaleMs} ms`,
  );
  say(`${violations.length} violations`);
  for (const { fact, said } of violations.slice(0, 50)) {
    say(`  ${fact}`);
    for (const line of said.slice(-30)) say(`      ${line}`);
  }
}

function printTable(title: string, counts: ReadonlyMap<string, number>): void {
  say(`\n${title}`);
  for (const [name, number] of [...counts].sort()) say(`${String(number).padStart(8)}  ${name}`);
}
