/** The CPU time of an environment, asked from within: each system tells processes in its own way how much others have used. */
import type { Artefact } from './artefact.ts';
import { eventually } from './eventually.ts';

const reporter = `process.on('SIGUSR2', () => {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ message: 'cpu', ms: (user + system) / 1000 }));
})`;

/** For `NODE_OPTIONS` of an artefact with one environment. */
export const reportingOptions = `--import data:text/javascript,${encodeURIComponent(reporter)}`;

/** @returns the milliseconds of CPU that the artefact's environment has used so far */
export async function readCpuMs(artefact: Artefact): Promise<number> {
  const read = () => artefact.lines().filter(({ message }) => message === 'cpu');
  const before = read().length;
  const [pid = 0] = artefact.pids();
  process.kill(pid, 'SIGUSR2');
  return eventually(() => read().length > before && Number(read().at(-1)?.['ms']));
}
