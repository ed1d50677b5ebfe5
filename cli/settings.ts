/** Reads the settings of a command: options first, then variables, then defaults for the local stack. */

import { ConfigError, readRules } from '../functions/proxy/config.ts';
import type { ReferenceRules } from '../functions/proxy/documents/reference-rules.ts';
import type { AllowedHost } from '../functions/proxy/send/hosts.ts';
import { isLoopback, parseAllowedHosts } from '../functions/proxy/send/hosts.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../local/stack/credentials.ts';
import { LOCAL_PARAMETER_PATH } from '../local/stack/seeds.ts';
import { CliError } from './terminal/cli-error.ts';
import type { Host } from './terminal/host.ts';

/** The global options, as commander reads them. */
export interface GlobalOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly path?: string;
  readonly endpointUrl?: string;
  readonly json?: boolean;
  /** False after `--no-color`. */
  readonly color?: boolean;
}

/** Settings of AWS SDK clients; the SDK's own chain fills in missing ones. */
export interface ClientConfig {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: typeof LOCAL_CREDENTIALS;
}

/** The settings of the CLI, from options, environment and profile. */
export interface Settings {
  /** Root of the documents, for example `/countersign/prod`, without a slash at the end. Throws if none is set. */
  readonly root: () => string;
  /** Whether Parameter Store is on this machine. */
  readonly isLocal: boolean;
  /** Allowed hosts of the proxy, as set here: `COUNTERSIGN_ALLOWED_HOSTS`. */
  readonly allowedHosts: readonly AllowedHost[];
  /** Whether the proxy refuses open routes: `COUNTERSIGN_REQUIRE_ACCESS_PLUGIN`. */
  readonly requireAccessPlugin: boolean;
  /** The table in which the proxy counts limits: `COUNTERSIGN_LIMIT_TABLE`. */
  readonly limitTable: string | undefined;
  /** The snapshot that the proxy reads: `COUNTERSIGN_SNAPSHOT_URI`. */
  readonly snapshotUri: string | undefined;
  /** The key that encrypts the snapshot: `COUNTERSIGN_SNAPSHOT_KEY`. */
  readonly snapshotKey: string | undefined;
  /**
   * The rules for references in documents: `COUNTERSIGN_SECRET_PATHS`, `COUNTERSIGN_ENV_PREFIX`,
   * `COUNTERSIGN_ORIGIN_SECRET`.
   */
  readonly rules: (root: string) => ReferenceRules;
  /** @param service name of a service as in AWS's variables: `SSM`, `CLOUDWATCH_LOGS`, `IAM`, `STS` */
  readonly clientConfig: (service: string) => ClientConfig;
  /** Endpoint of Parameter Store, if it is not AWS's own. */
  readonly ssmEndpoint: string | undefined;
}

/** Settings for the local stack. Its upstreams accept only these keys, so your own credentials are not sent to it. */
const local = {
  region: LOCAL_REGION,
  root: LOCAL_PARAMETER_PATH,
  allowedHosts: '127.0.0.1,localhost',
  credentials: LOCAL_CREDENTIALS,
};

type Env = Host['env'];

/** @throws CliError for an invalid option or variable */
export function readSettings(options: GlobalOptions, env: Env): Settings {
  const ssmEndpoint = readEndpoint(options, env, 'SSM');
  const isLocal = ssmEndpoint !== undefined && isLoopback(new URL(ssmEndpoint).hostname);
  const region =
    options.region ||
    env['AWS_REGION'] ||
    env['AWS_DEFAULT_REGION'] ||
    (isLocal ? local.region : undefined);
  const profile = options.profile || env['AWS_PROFILE'] || undefined;
  const hasKeys = profile !== undefined || Boolean(env['AWS_ACCESS_KEY_ID']);
  const listed = env['COUNTERSIGN_ALLOWED_HOSTS'] ?? (isLocal ? local.allowedHosts : '');
  return {
    root: () => readRoot(options.path || env['COUNTERSIGN_PARAMETER_PATH'], isLocal),
    isLocal,
    ssmEndpoint,
    requireAccessPlugin: /^(1|true)$/i.test(env['COUNTERSIGN_REQUIRE_ACCESS_PLUGIN'] ?? ''),
    limitTable: env['COUNTERSIGN_LIMIT_TABLE'] || undefined,
    snapshotUri: env['COUNTERSIGN_SNAPSHOT_URI'] || undefined,
    snapshotKey: env['COUNTERSIGN_SNAPSHOT_KEY'] || undefined,
    allowedHosts: parseAllowedHosts(listed, (found) => {
      const expected = 'host[:port], separated by commas; each host may begin with `*.`';
      throw usage(`COUNTERSIGN_ALLOWED_HOSTS: found ${found}, expected ${expected}.`);
    }),
    rules: (root) => readRulesOf(env, root),
    clientConfig(service) {
      const endpoint = readEndpoint(options, env, service);
      return {
        ...(region === undefined ? {} : { region }),
        ...(profile === undefined ? {} : { profile }),
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(isLocal && !hasKeys ? { credentials: local.credentials } : {}),
      };
    },
  };
}

/** The order is that of the AWS CLI: the option, the service's own variable, the variable for all services. */
function readEndpoint(options: GlobalOptions, env: Env, service: string): string | undefined {
  const named = [
    ['--endpoint-url', options.endpointUrl],
    [`AWS_ENDPOINT_URL_${service}`, env[`AWS_ENDPOINT_URL_${service}`]],
    ['AWS_ENDPOINT_URL', env['AWS_ENDPOINT_URL']],
  ] as const;
  const [name, text] = named.find(([, value]) => value) ?? [];
  if (!text) return undefined;
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (isUrl) return text;
  throw usage(`${name}: found ${text}, expected a URL such as http://127.0.0.1:3001.`);
}

function readRulesOf(env: Env, root: string): ReferenceRules {
  try {
    return readRules(env, root);
  } catch (error) {
    if (error instanceof ConfigError) throw usage(`${error.message}.`);
    throw error;
  }
}

function readRoot(text: string | undefined, isLocal: boolean): string {
  const root = (text ?? (isLocal ? local.root : '')).replace(/\/$/, '');
  if (root === '') {
    throw new CliError('USAGE', 'No parameter path is set, so the proxy is not known.', {
      hint: 'Give --path /countersign/<stack name>, or set COUNTERSIGN_PARAMETER_PATH; it is the output ParameterPath of the deployment.',
    });
  }
  if (/^(\/[\w.-]+)+$/.test(root)) return root;
  throw usage(`--path: found ${root}, expected a path such as /countersign/prod.`);
}

function usage(message: string): CliError {
  return new CliError('USAGE', message);
}
