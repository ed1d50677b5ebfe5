/** The Terraform module refuses what the CloudFormation template and the constructs refuse. */
import { join } from 'node:path';
import {
  parseSecretPaths,
  secretsManagerPath,
} from '../../functions/proxy/documents/reference-rules.ts';
import { parseAllowedHosts } from '../../functions/proxy/send/hosts.ts';
import { parameters } from '../../release/parameters.ts';
import { readModule } from '../support/terraform-module.ts';
import { root } from './synth-app.ts';

const reading = readModule(join(root, 'terraform'));

test.each([
  ['assumable_role_arns', parameters.AssumableRoleArns.AllowedPattern],
  ['upstream_function_arns', parameters.UpstreamFunctionArns.AllowedPattern],
  ['topic_arn', parameters.TopicArn.AllowedPattern],
])('%s has the pattern of the template, without the empty text', async (variable, pattern) => {
  const { readConditions } = await reading;

  expect(readConditions(variable).join()).toContain(`"${pattern.replace('^$|', '')}"`);
});

test.each([
  ['log_level', parameters.LogLevel.AllowedValues],
  ['metrics', ['off', 'total', 'routes']],
])('%s has the words that the function reads', async (variable, words) => {
  const { readConditions } = await reading;
  const [, list = '[]'] = /contains\((\[.*?\])/.exec(readConditions(variable).join()) ?? [];

  expect(JSON.parse(list)).toEqual(words);
});

test('refresh_seconds has the range that the function reads', async () => {
  const { readConditions } = await reading;

  expect(readConditions('refresh_seconds').join()).toMatch(/>= 0 && .*<= 86400}$/);
});

test.each([
  ...['api.example.com', 'API.example.com:8443', '*.example.com', '127.0.0.1:80', '[::1]:80', 'x'],
  ...['*', 'https://a.example', 'a.example/b', 'a b', '', '*.*.com', 'a.example,b.example', '-a'],
])('the host %j is allowed where the function takes it', async (host) => {
  const { readConditions } = await reading;
  const condition = readConditions('allowed_hosts').join();
  const [, pattern = '""'] = /can\(regex\((".*?"), lower\(host\)\)\)/.exec(condition) ?? [];
  const refuse = (): never => {
    throw new Error(host);
  };
  const isTaken = () => parseAllowedHosts(host, refuse).length === 1;

  const isAccepted = new RegExp(JSON.parse(pattern) as string).test(host.toLowerCase());
  if (isAccepted) expect(isTaken()).toBe(true);
  else expect(() => isTaken() || refuse()).toThrow();
});

describe('secret_paths', () => {
  const isRefusedByFunction = (path: string): boolean => {
    const refuse = (): never => {
      throw new Error(path);
    };
    try {
      return parseSecretPaths(path, '/countersign/gateway', refuse).length !== 1;
    } catch {
      return true;
    }
  };

  test.each([
    ...['/', '*', '/*', '/shared/*', 'shared', '', '/a//b', '/a/../b', '/a/.', '/a,/b', '/a:1'],
    ...['/aws', '/aws/reference', secretsManagerPath, `${secretsManagerPath}/`],
    ...[`${secretsManagerPath}/*`, secretsManagerPath.toUpperCase()],
    ...[`${secretsManagerPath}/team`, `${secretsManagerPath}/team/`, '/shared', '/a.b/c', '/aws-x'],
  ])('%j is refused where the function refuses it', async (path) => {
    const { readConditions } = await reading;
    const conditions = readConditions('secret_paths').join('\n');
    // [whole, whether it must not match, the expression, what is matched]
    const checks = [...conditions.matchAll(/(!?)can\(regex\((".*?"), (lower\()?/g)];
    const isAccepted = checks.every(([, not, pattern = '""', folded]) => {
      const text = folded ? path.toLowerCase() : path;
      return new RegExp(JSON.parse(pattern) as string).test(text) !== (not === '!');
    });

    expect(checks).toHaveLength(3);
    expect(isAccepted).toBe(!isRefusedByFunction(path));
  });

  test('a path with documents in it is refused before the role is made', async () => {
    const { text } = await reading;

    expect(text).toMatch(/precondition \{\s+condition\s+= length\(local\.document_paths\) == 0/);
  });
});
