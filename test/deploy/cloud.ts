/** What was deployed, read from the emulator as one would from AWS: by its APIs. */
import {
  GetParameterCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { AwsClient } from 'aws4fetch';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';

/** An account, as its owner reads it. */
export interface Cloud {
  /** Names of the functions of the stacks whose names begin with `stack`. */
  listFunctions(stack: string): Promise<string[]>;
  /** The function whose name begins with its stack's name and its logical id. */
  readFunction(prefix: string): Promise<DeployedFunction>;
  /** Authorization and mode of the function's URL. */
  readFunctionUrl(name: string): Promise<DeployedUrl>;
  /** Resources of a REST API, with the authorization of each method. */
  readApiResources(apiId: string): Promise<DeployedResource[]>;
  readParameter(name: string): Promise<string>;
  listParameters(path: string): Promise<string[]>;
  /** Tags of a parameter, by key. */
  readTags(name: string): Promise<Readonly<Record<string, string>>>;
  editParameter(name: string, value: string): Promise<void>;
  /** Writes a parameter that nobody wrote before. */
  addParameter(name: string, value: string): Promise<void>;
  /** How many versions a bucket has of an object; undefined where there is no such bucket. */
  countVersions(bucket: string, key: string): Promise<number | undefined>;
  /** State of a KMS key, such as `Enabled`. */
  readKeyState(keyArn: string): Promise<string>;
}

export interface DeployedFunction {
  readonly name: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Where its zip is. */
  readonly codeUrl: string;
}

export interface DeployedUrl {
  readonly FunctionUrl: string;
  readonly AuthType: 'AWS_IAM' | 'NONE';
  readonly InvokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
}

export interface DeployedResource {
  readonly path: string;
  readonly resourceMethods?: Readonly<
    Record<string, { readonly authorizationType: 'AWS_IAM' | 'NONE' }>
  >;
}

export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

interface FunctionConfiguration {
  readonly FunctionName: string;
  readonly Handler: string;
  readonly Timeout: number;
  readonly Environment?: { readonly Variables?: Record<string, string> };
}

/** The account of the emulator at `url`. */
export function createCloud(url: string): Cloud {
  const ssm = new SSMClient({ endpoint: url, region: LOCAL_REGION, credentials });
  const listFunctions = async (stack: string) => {
    const { Functions } = await get<{ Functions: FunctionConfiguration[] }>(
      ...[url, 'lambda', '/2015-03-31/functions/?MaxItems=1000'],
    );
    return Functions.map(({ FunctionName }) => FunctionName).filter((n) => n.startsWith(stack));
  };
  return {
    listFunctions,

    readFunction: async (prefix) => {
      const [name, ...others] = await listFunctions(prefix);
      if (name === undefined || others.length > 0) {
        throw new Error(`functions ${prefix}…: found ${[name, ...others]}, expected one`);
      }
      const { Configuration: own, Code } = await get<{
        Configuration: FunctionConfiguration;
        Code: { Location: string };
      }>(url, 'lambda', `/2015-03-31/functions/${name}`);
      return {
        name,
        handler: own.Handler,
        timeoutMs: own.Timeout * 1000,
        environment: own.Environment?.Variables ?? {},
        codeUrl: Code.Location,
      };
    },

    readFunctionUrl: (name) => get(url, 'lambda', `/2021-10-31/functions/${name}/url`),

    readApiResources: async (apiId) =>
      (
        await get<{ item: DeployedResource[] }>(
          ...[url, 'apigateway', `/restapis/${apiId}/resources?embed=methods`],
        )
      ).item,

    readParameter: async (Name) => {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
      return Parameter?.Value ?? '';
    },

    listParameters: async (Path) => {
      const names: string[] = [];
      const pages = paginateGetParametersByPath({ client: ssm }, { Path, Recursive: true });
      for await (const { Parameters = [] } of pages) {
        names.push(...Parameters.map(({ Name = '' }) => Name));
      }
      return names;
    },

    readTags: async (name) => {
      const input = { ResourceType: 'Parameter', ResourceId: name } as const;
      const { TagList = [] } = await ssm.send(new ListTagsForResourceCommand(input));
      return Object.fromEntries(TagList.map(({ Key, Value = '' }) => [Key, Value]));
    },

    editParameter: async (Name, Value) => {
      await ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
    },

    addParameter: async (Name, Value) => {
      await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));
    },

    countVersions: async (bucket, key) => {
      const response = await call('s3', `${url}/${bucket}?versions&prefix=${key}`);
      if (response.status === 404) return undefined;
      return (await response.text()).match(/<Version>/g)?.length ?? 0;
    },

    readKeyState: async (KeyId) => {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'TrentService.DescribeKey',
      };
      const body = JSON.stringify({ KeyId });
      const response = await call('kms', `${url}/`, { method: 'POST', headers, body });
      const { KeyMetadata } = (await response.json()) as { KeyMetadata: { KeyState: string } };
      return KeyMetadata.KeyState;
    },
  };
}

async function get<T>(url: string, service: string, path: string): Promise<T> {
  const response = await call(service, `${url}${path}`);
  if (!response.ok) throw new Error(`${path} answers ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

function call(service: string, url: string, init: RequestInit = {}): Promise<Response> {
  const aws = new AwsClient({ ...credentials, service, region: LOCAL_REGION, retries: 0 });
  return aws.fetch(url, init);
}
