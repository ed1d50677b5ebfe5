/** The CloudFormation template of a release: the production stack, with parameters in place of CDK's context. */
import type { Files } from './archive.ts';
import { withShortIds } from './ids.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { mergeTemplates, type Template, toCombinedConditions } from './merge.ts';
import { withOptionalParameters } from './optional.ts';
import {
  artifactParameters,
  conditions,
  parameterGroups,
  parameters,
  rules,
} from './parameters.ts';
import { toReadable } from './readable.ts';
import { type Features, synthesiseVariant } from './variants.ts';

/** The one stack that all parameters choose from. */
export interface MergedStack {
  readonly template: Template;
  /** The files of each function, by the name of the zip that CDK would upload. */
  readonly code: Readonly<Record<string, Files>>;
}

/** Where the zips are: beside the template, for tools that upload them, or in a bucket that a parameter names. */
export type CodePlace = 'beside' | 'bucket';

const isOn = [true, false];

/** Synthesises the stack with everything switched on and off, and merges what comes out. */
export function createMergedStack(): MergedStack {
  const code: Record<string, Files> = {};
  const synthesise = (features: Features): Template => {
    const variant = synthesiseVariant(features);
    Object.assign(code, variant.code);
    return withOptionalParameters(variant.template);
  };
  const template = choose('HasSnapshot', (snapshot) =>
    choose('HasMonitoring', (monitoring) =>
      choose('HasRateLimitTable', (rateLimitTable) => {
        const others = { snapshot, monitoring, rateLimitTable };
        const toEdge = (edge: Features['edge']) => synthesise({ ...others, edge });
        const withEdge = mergeTemplates('HasEdgeDomain', toEdge('domain'), toEdge('own name'));
        return mergeTemplates('HasEdge', withEdge, toEdge('none'));
      }),
    ),
  );
  return { template, code };
}

function choose(condition: string, create: (isOn: boolean) => Template): Template {
  const [whenTrue, whenFalse] = isOn.map(create) as [Template, Template];
  return mergeTemplates(condition, whenTrue, whenFalse);
}

/** @param zips names of the zips, by the names that CDK gives them */
export function toTemplate(
  { template }: MergedStack,
  zips: Readonly<Record<string, string>>,
  place: CodePlace,
): JsonObject {
  const resources = Object.entries(template.Resources).map(([id, resource]) => [
    id,
    toReleased(resource, zips, place),
  ]);
  const isApart = place === 'bucket';
  const artifacts = {
    Label: { default: 'Artifacts' },
    Parameters: Object.keys(artifactParameters),
  };
  const groups = [...(isApart ? [artifacts] : []), ...(parameterGroups as Json[])];
  const allParameters = { ...(isApart && artifactParameters), ...parameters };
  const released = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: template.Description,
    Metadata: { 'AWS::CloudFormation::Interface': { ParameterGroups: groups } },
    Parameters: allParameters,
    Rules: rules,
    Conditions: { ...conditions, ...toCombinedConditions(template) },
    Resources: toReadable(Object.fromEntries(resources)),
    Outputs: toReadable(template.Outputs),
  };
  return withShortIds(released, Object.keys(template.Resources), Object.keys(allParameters));
}

function toReleased(
  resource: JsonObject,
  zips: Readonly<Record<string, string>>,
  place: CodePlace,
): JsonObject {
  const { Type: type, Properties: properties } = resource;
  if (!isObject(properties)) return resource;
  // CDK's name has the Region and ids of the app, which all stacks of this template share.
  if (type === 'AWS::CloudFront::Function') {
    return { ...resource, Properties: { ...properties, Name: uniqueName } };
  }
  const key = findCodeKey(resource);
  if (key === undefined) return resource;
  const zip = zips[key];
  if (zip === undefined) throw new Error(`no zip was made for ${key}`);
  const Code =
    place === 'beside'
      ? zip
      : {
          S3Bucket: { Ref: 'ArtifactBucket' },
          S3Key: { 'Fn::Sub': `\${ArtifactPrefix}${zip}` },
        };
  return { ...resource, Properties: { ...properties, Code } };
}

/** Names of the resources whose code has a key. */
export function findUsers({ template }: MergedStack, key: string): string[] {
  const resources = Object.entries(template.Resources);
  return resources.flatMap(([id, resource]) => (findCodeKey(resource) === key ? [id] : []));
}

function findCodeKey({ Properties: properties }: JsonObject): string | undefined {
  if (!isObject(properties) || !isObject(properties['Code'])) return undefined;
  const key = properties['Code']['S3Key'];
  return typeof key === 'string' ? key : undefined;
}

/** The id of a stack ends with a UUID. CloudFront allows 64 characters, and a stack's name has up to 128. */
const uniqueName: Json = {
  'Fn::Join': [
    '-',
    ['countersign', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }],
  ],
};
