/** What AWS deploys and the emulator does not, each with what is deployed in its place. */
import { readFile, writeFile } from 'node:fs/promises';

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Gap {
  readonly name: string;
  has(resource: Resource): boolean;
  /** Nothing, where nothing refers to such a resource. */
  replace(resource: Resource): Resource | undefined;
}

const gaps: readonly Gap[] = [
  {
    // Its function, which is CDK's, answers over HTTPS only, and the emulator listens on HTTP.
    name: 'emptying a bucket at its end',
    has: ({ Type }) => Type === 'Custom::S3AutoDeleteObjects',
    replace: () => undefined,
  },
  {
    name: 'saved queries',
    has: ({ Type }) => Type === 'AWS::Logs::QueryDefinition',
    replace: () => undefined,
  },
  {
    name: 'an alarm on metric math',
    has: ({ Type, Properties }) =>
      Type === 'AWS::CloudWatch::Alarm' && Properties?.['Metrics'] !== undefined,
    replace: ({ Properties: { Metrics: _, ...others } = {}, ...resource }) => ({
      ...resource,
      Properties: { ...others, Namespace: 'Any', MetricName: 'Any', Statistic: 'Sum', Period: 60 },
    }),
  },
];

/** `Ref` of a secret is its ARN at AWS, and its name in the emulator; the attribute `Id` is the ARN in both. */
function withSecretIds(
  text: string,
  resources: Readonly<Record<string, Resource | undefined>>,
): string {
  const secrets = Object.entries(resources)
    .filter(([, resource]) => resource?.Type === 'AWS::SecretsManager::Secret')
    .map(([id]) => id);
  return secrets.reduce(
    (changed, id) =>
      changed
        .replaceAll(`{"Ref":"${id}"}`, `{"Fn::GetAtt":["${id}","Id"]}`)
        .replaceAll(`\${${id}}`, `\${${id}.Id}`),
    text,
  );
}

/** Replaces what the emulator cannot deploy, in the templates themselves. @returns what was replaced */
export async function bridgeGaps(templates: readonly string[]): Promise<string[]> {
  const bridged: string[] = [];
  for (const file of templates) {
    const template = JSON.parse(await readFile(file, 'utf8'));
    for (const [id, resource] of Object.entries<Resource>(template.Resources)) {
      const gap = gaps.find(({ has }) => has(resource));
      if (gap === undefined) continue;
      // Undefined members are not written.
      template.Resources[id] = gap.replace(resource);
      bridged.push(`${gap.name} (${id})`);
    }
    await writeFile(file, withSecretIds(JSON.stringify(template), template.Resources));
  }
  return bridged;
}
