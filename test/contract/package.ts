/** The promises of package.json: what is imported and run by name. */
import { read } from './sources.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** Lines about entries, commands and the versions that the package works with. */
export function listPackagePromises(): readonly string[] {
  const { exports, bin, engines, peerDependencies } = JSON.parse(read('package.json')) as Manifest;
  return [
    ...Object.keys(exports).map((entry) => `package entry ${entry}`),
    ...Object.keys(bin).map((name) => `package command ${name}`),
    ...Object.entries({ ...engines, ...peerDependencies }).map(
      ([name, range]) => `package needs ${name} = ${range}`,
    ),
  ];
}
