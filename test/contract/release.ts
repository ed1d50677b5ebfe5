/** The promises of a release: parameters of the CloudFormation template, variables and outputs of the Terraform module. */
import { artifactParameters, parameters } from '../../release/parameters.ts';
import { read } from './sources.ts';

/** Lines about what people write who deploy without CDK. Outputs of the template are those of the stack. */
export function listReleasePromises(): readonly string[] {
  const all = Object.entries({ ...artifactParameters, ...parameters });
  return [
    ...all.map(([name, parameter]) => {
      const value = 'Default' in parameter ? ` = ${JSON.stringify(parameter.Default)}` : '';
      return `template parameter ${name}: ${parameter.Type}${value}`;
    }),
    ...readBlocks('variables.tf', 'variable').map(([name, body]) => {
      const [, value] = /^ {2}default +(= .*)$/m.exec(body) ?? [];
      return ['terraform variable', name, ...(value ? [value] : [])].join(' ');
    }),
    ...readBlocks('outputs.tf', 'output').map(([name]) => `terraform output ${name}`),
  ];
}

/** The blocks of a kind, by name. */
function readBlocks(file: string, kind: string): (readonly [string, string])[] {
  const blocks = read(`terraform/${file}`).matchAll(
    new RegExp(`^${kind} "(\\w+)" {\\n(.*?)^}`, 'gms'),
  );
  return [...blocks].map(([, name = '', body = '']) => [name, body]);
}
