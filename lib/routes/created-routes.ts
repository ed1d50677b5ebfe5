import {
  CustomResource,
  Duration,
  type ITaggable,
  Lazy,
  RemovalPolicy,
  Stack,
  TagManager,
  TagType,
} from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { createBuiltCode, toBuiltPath } from '../proxy/built-code.ts';
import { createFunctionRole } from '../proxy/function-role.ts';
import { toParameterArn } from '../proxy/parameter-path.ts';

/**
 * The function receives its properties in an event; an update contains the old and the new ones. Lambda allows 256 KB
 * for an asynchronous event, and tokens may become longer when they are resolved.
 */
const maxResourceBytes = 80_000;

/** A custom resource that has room for more routes. */
interface OpenResource {
  readonly resource: CustomResource;
  readonly routes: { readonly Id: string; readonly Value: string }[];
  bytes: number;
}

/**
 * Route documents that a stack creates once. CloudFormation's own parameters would be overwritten whenever the document
 * in the template changes. This custom resource creates missing parameters and leaves existing ones unchanged. One
 * resource holds all routes of a proxy; a second follows when they are too large for one event.
 */
export class CreatedRoutes extends Construct implements ITaggable {
  /** Tags of the created parameters, besides the tags of the stack. */
  readonly tags = new TagManager(TagType.KEY_VALUE, 'AWS::SSM::Parameter');
  readonly #parameterPath: string;
  readonly #ids = new Set<string>();
  readonly #resources: OpenResource[] = [];
  #creator: lambda.Function | undefined;
  #onFirstUse: (() => void) | undefined;

  constructor(scope: Construct, id: string, parameterPath: string) {
    super(scope, id);
    this.#parameterPath = parameterPath;
  }

  /** Calls `act` once, when the first route is added. */
  whenUsed(act: () => void): void {
    this.#onFirstUse = act;
  }

  /** Names of the parameters that the stack creates. */
  listParameters(): string[] {
    return [...this.#ids].map((id) => `${this.#parameterPath}/routes/${id}`);
  }

  /**
   * Adds a route. Throws if the id is taken.
   * @param value the document as it is written
   * @returns the resource that creates it
   */
  add(id: string, value: string): CustomResource {
    if (this.#ids.has(id)) throw new Error(`Route ${id} is given twice.`);
    this.#ids.add(id);
    const route = { Id: id, Value: value };
    const bytes = Buffer.byteLength(JSON.stringify(Stack.of(this).resolve(route)));
    const { resource, routes } = this.#findRoom(bytes);
    routes.push(route);
    this.#onFirstUse?.();
    this.#onFirstUse = undefined;
    return resource;
  }

  #findRoom(bytes: number): OpenResource {
    const last = this.#resources.at(-1);
    if (last && last.bytes + bytes <= maxResourceBytes) {
      last.bytes += bytes;
      return last;
    }
    const routes: OpenResource['routes'] = [];
    const number = this.#resources.length + 1;
    const next = { resource: this.#addResource(number, routes), routes, bytes };
    // The resources run one after the other, because they share the few calls a second that Parameter Store allows.
    if (last) next.resource.node.addDependency(last.resource);
    this.#resources.push(next);
    return next;
  }

  #addResource(number: number, routes: OpenResource['routes']): CustomResource {
    this.#creator ??= this.#addCreator();
    return new CustomResource(this, number === 1 ? 'Documents' : `Documents${number}`, {
      resourceType: 'Custom::CountersignRoutes',
      serviceToken: this.#creator.functionArn,
      serviceTimeout: Duration.minutes(15),
      properties: {
        ParameterPath: this.#parameterPath,
        Routes: Lazy.any({ produce: () => routes }),
        Tags: Lazy.any({ produce: () => this.#toTags() }, { omitEmptyArray: true }),
      },
    });
  }

  /** CloudFormation adds a stack's tags to its own resources, but not to parameters that a custom resource creates. */
  #toTags(): { Key: string; Value: string }[] {
    const tags = { ...Stack.of(this).tags.tagValues(), ...this.tags.tagValues() };
    return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  }

  #addCreator(): lambda.Function {
    const scope = new Construct(this, 'Creator');
    const logGroup = new LogGroup(scope, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = createFunctionRole(scope, 'Role', logGroup);
    const resources = [toParameterArn(this, `${this.#parameterPath}/routes/*`)];
    for (const statement of toStatements(resources)) role.addToPolicy(statement);
    return new lambda.Function(scope, 'Function', {
      description: `Creates routes below ${this.#parameterPath}, once`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: createBuiltCode(toBuiltPath('create-route')),
      role,
      logGroup,
      memorySize: 256,
      // Time for hundreds of routes, at the few calls of PutParameter a second that an account has.
      timeout: Duration.minutes(10),
    });
  }
}

function toStatements(resources: string[]): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: 'CreateRoutes',
      actions: [
        'ssm:AddTagsToResource',
        'ssm:DeleteParameter',
        // The history contains the description by which the function recognises parameters that version 0.1 created.
        'ssm:GetParameterHistory',
        'ssm:GetParameters',
        'ssm:ListTagsForResource',
        'ssm:PutParameter',
        'ssm:RemoveTagsFromResource',
      ],
      resources,
    }),
    new PolicyStatement({
      sid: 'NeverOverwrite',
      effect: Effect.DENY,
      actions: ['ssm:PutParameter'],
      resources,
      // Denies every value but false, in any spelling, because AWS documents the key as a string. A request without the
      // key has Overwrite's default, false.
      conditions: {
        Null: { 'ssm:Overwrite': 'false' },
        StringNotEqualsIgnoreCase: { 'ssm:Overwrite': 'false' },
      },
    }),
  ];
}
