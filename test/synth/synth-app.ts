import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  DISABLE_ASSET_STAGING_CONTEXT,
  DISABLE_CREATION_STACK_TRACES,
  DISABLE_METADATA_STACK_TRACE,
} from 'aws-cdk-lib/cx-api';
import { CountersignStack, type CountersignStackProps } from '../../lib/index.ts';
import { isWhole } from '../support/sample.ts';

/** What CloudFormation will read, as plain data. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** One statement of an identity policy, as it stands in a template. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: Json;
  readonly Condition?: Json;
}

/** What ARNs of parameters begin with, in a stack that can be deployed anywhere. */
export const parameters = 'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter';

export const root = join(import.meta.dirname, '..', '..');

/** What makes these tests cheap and leaves the templates as they are: no copies of `dist/`, and no stack traces. */
const cheap = {
  [DISABLE_ASSET_STAGING_CONTEXT]: true,
  [DISABLE_CREATION_STACK_TRACES]: true,
  [DISABLE_METADATA_STACK_TRACE]: true,
};

/**
 * The CDK remembers the digests of assets for each output folder. Tests read a template as soon as it is written. An app
 * that copies its assets has a folder of its own.
 */
const outdir = join(tmpdir(), `countersign-synth-${process.pid}`);

/**
 * An app under the feature flags of cdk.json, which the CLI would have given it. The engine of the CDK's own validation
 * takes ten seconds of CPU to start: templates are validated in a whole run, and by `npm run synth`.
 */
export function createApp(context: Record<string, unknown> = {}): App {
  const cdkJson = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  return new App({
    analyticsReporting: false,
    treeMetadata: false,
    ...(context[DISABLE_ASSET_STAGING_CONTEXT] === false ? {} : { outdir }),
    builtinCloudFormationValidation: isWhole,
    context: { ...cdkJson.context, ...cheap, ...context },
  });
}

const synthesised = new Map<string, Template>();

/** The production stack with `props`, less publisher and what watches over the proxy, unless they are asked for. */
export function synthesise(props: CountersignStackProps = {}): Template {
  // Undefined is not the same as nothing: a test compares the two.
  const name = JSON.stringify(props, (_, value) => (value === undefined ? 'undefined' : value));
  const template = synthesised.get(name) ?? synthesiseAnew(props);
  synthesised.set(name, template);
  return template;
}

function synthesiseAnew(props: CountersignStackProps): Template {
  const proxy = { snapshot: false, ...props.proxy } as const;
  const stackProps = { monitoring: false, ...props, proxy } as const;
  return Template.fromStack(new CountersignStack(createApp(), 'Countersign', stackProps));
}

/** Every resource of a template; `findResources` wants one type, and finds none of type `*`. */
export function readAllResources(
  template: Template,
): { Properties?: Record<string, Json>; DeletionPolicy?: string }[] {
  return Object.values(template.toJSON()['Resources']);
}

/** The only resource of a type, whose logical id begins with `prefix`. */
export function findOnly(template: Template, type: string, prefix = ''): { Properties: Json } {
  const found = Object.entries(template.findResources(type)).filter(([id]) =>
    id.startsWith(prefix),
  );
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} resources of type ${type}`);
  return first[1] as { Properties: Json };
}

/** All statements of all identity policies of the roles whose logical id begins with `prefix`. */
export function readStatements(template: Template, prefix = ''): Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(prefix))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
}

/**
 * An intrinsic as one text: `Ref` as `<id>`, `Fn::GetAtt` as `<id.attribute>`, a part of a split text as `<text>[n]`, ids
 * without CDK's hash.
 */
export function toText(value: Json): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(`not a text: ${JSON.stringify(value)}`);
  }
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Select': select } = value;
  if (typeof ref === 'string') return `<${toShortId(ref)}>`;
  if (Array.isArray(attribute)) return `<${toShortId(String(attribute[0]))}.${attribute[1]}>`;
  if (Array.isArray(join) && Array.isArray(join[1]))
    return join[1].map(toText).join(String(join[0]));
  if (Array.isArray(select)) return `${toText(readSplit(select[1] ?? null))}[${select[0]}]`;
  throw new Error(`not a text: ${JSON.stringify(value)}`);
}

function readSplit(value: Json): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const { 'Fn::Split': split } = value;
  return Array.isArray(split) ? (split[1] ?? null) : value;
}

/** The resources of a statement as texts. */
export function readResources(statement: Statement): string[] {
  const { Resource: resource } = statement;
  return (Array.isArray(resource) ? resource : [resource]).map(toText);
}

function toShortId(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}

/** Parameters and values of the routes that a template creates. */
export function readRoutes(template: Template): { readonly name: string; readonly value: Json }[] {
  const resources = template.findResources('Custom::CountersignRoutes');
  return Object.values(resources).flatMap(({ Properties: { ParameterPath: path, Routes } }) =>
    (Routes as { Id: string; Value: Json }[]).map(({ Id, Value }) => ({
      name: `${path}/routes/${Id}`,
      value: Value,
    })),
  );
}
