/** The production stack as the constructs make it, with references to the template's parameters as its settings. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, DefaultStackSynthesizer, Fn, type IStackSynthesizer, Token } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import {
  AssetManifestArtifact,
  type CloudAssembly,
  DISABLE_CREATION_STACK_TRACES,
  DISABLE_METADATA_STACK_TRACE,
} from 'aws-cdk-lib/cx-api';
import { CountersignStack } from '../lib/app/countersign-stack.ts';
import type { EdgeProps } from '../lib/edge/edge-props.ts';
import { toFunctionStatements } from '../lib/proxy/function-statements.ts';
import type { LogLevel } from '../lib/proxy/proxy-environment.ts';
import type { SigningProxyProps } from '../lib/proxy/signing-proxy-props.ts';
import { type Files, readFiles } from './archive.ts';
import type { Template } from './merge.ts';
import type { parameters } from './parameters.ts';

/** What is switched on. */
export interface Features {
  readonly snapshot: boolean;
  readonly monitoring: boolean;
  readonly rateLimitTable: boolean;
  readonly edge: 'none' | 'own name' | 'domain';
}

/** A synthesised stack. */
export interface Variant {
  readonly template: Template;
  /** The files of each function, by the name of the zip that CDK would upload. */
  readonly code: Readonly<Record<string, Files>>;
}

const root = join(import.meta.dirname, '..');
const ref = (name: keyof typeof parameters) => Fn.ref(name);
const number = (name: keyof typeof parameters) => Token.asNumber({ Ref: name });

/** Synthesises the stack under the feature flags of cdk.json, as `npx cdk synth` does. */
export function synthesiseVariant(features: Features): Variant {
  const outdir = mkdtempSync(join(tmpdir(), 'countersign-release-'));
  try {
    const cdkJson = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
    const app = new App({
      ...{ outdir, analyticsReporting: false, treeMetadata: false },
      // cfn-lint validates the finished template; a variant alone is none.
      builtinCloudFormationValidation: false,
      context: {
        ...cdkJson.context,
        [DISABLE_CREATION_STACK_TRACES]: true,
        [DISABLE_METADATA_STACK_TRACE]: true,
      },
    });
    const stack = addStack(app, features);
    const assembly = app.synth();
    const { template } = assembly.getStackByName(stack.stackName);
    return { template, code: readCode(assembly) };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function addStack(app: App, features: Features): CountersignStack {
  const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
  const stack = new CountersignStack(app, 'Countersign', {
    // Nothing of `cdk bootstrap` is needed where this template is deployed.
    synthesizer: synthesizer as IStackSynthesizer,
    topicArn: ref('TopicArn'),
    ...(!features.monitoring && { monitoring: false }),
    proxy: toProxyProps(features),
  });
  const statements = [
    ...toFunctionStatements([ref('UpstreamFunctionArns')]),
    { actions: ['execute-api:Invoke'], resourceArns: [ref('UpstreamApiArns')] },
  ];
  for (const statement of statements) Grant.addToPrincipal({ grantee: stack.proxy, ...statement });
  return stack;
}

function toProxyProps({ snapshot, rateLimitTable, edge }: Features): SigningProxyProps {
  return {
    parameterPath: ref('ParameterPath'),
    assumableRoles: [ref('AssumableRoleArns')],
    allowedHosts: [ref('AllowedHosts')],
    requireAccessPlugin: true,
    rateLimitTable,
    memorySize: number('MemorySize'),
    reservedConcurrentExecutions: number('ReservedConcurrency'),
    logRetention: number('LogRetentionDays'),
    logLevel: ref('LogLevel') as LogLevel,
    ...(!snapshot && { snapshot: false }),
    ...(edge !== 'none' && { edge: toEdgeProps(edge === 'domain') }),
  };
}

function toEdgeProps(hasDomain: boolean): EdgeProps {
  return {
    webAclArn: ref('EdgeWebAclArn'),
    ...(hasDomain && {
      domainName: ref('EdgeDomainName'),
      certificateArn: ref('EdgeCertificateArn'),
    }),
  };
}

function readCode({ artifacts, directory }: CloudAssembly): Record<string, Files> {
  const manifests = artifacts.filter((artifact) => artifact instanceof AssetManifestArtifact);
  const files = manifests.flatMap(({ contents }) => Object.values(contents.files ?? {}));
  return Object.fromEntries(
    files.flatMap(({ source, destinations }) => {
      const [destination] = Object.values(destinations);
      if (!destination || source.packaging !== 'zip' || !source.path) return [];
      return [[destination.objectKey, readFiles(resolve(directory, source.path))]];
    }),
  );
}
