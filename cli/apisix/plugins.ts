/** Converts the plugins of an APISIX route or consumer. */
import { plugins as registry } from '../../functions/proxy/plugins/registry.ts';
import { convertLimit } from './limits.ts';
import { isResource, type Resource } from './read.ts';

/** The converted `plugins` of a document. */
export interface ConvertedPlugins {
  readonly plugins: Resource;
  readonly remarks: readonly string[];
  /** Reasons why requests could pass that APISIX would refuse. */
  readonly lost: readonly string[];
}

/** Plugins that observe, copy or change requests, and neither allow nor refuse any. */
const harmless = new RegExp(
  `(^|-)(${[
    ...['logger', 'logging', 'prometheus', 'zipkin', 'skywalking', 'opentelemetry', 'datadog'],
    ...[
      'syslog',
      'loggly',
      'tencent-cloud-cls',
      'lago',
      'log-rotate',
      'server-info',
      'node-status',
    ],
    ...['request-id', 'gzip', 'brotli', 'proxy-cache', 'proxy-mirror', 'proxy-control', 'echo'],
    ...['grpc-transcode', 'grpc-web', 'body-transformer', 'degraphql', 'proxy-buffering'],
  ].join('|')})$`,
);

/** Converts the `plugins` of an object of APISIX, and omits plugins that the proxy does not have. */
export function convertPlugins(written: Resource, options: ConvertOptions): ConvertedPlugins {
  const converted = Object.entries(written).map(([name, config]) =>
    convertPlugin(name, isResource(config) ? config : {}, options),
  );
  return {
    plugins: Object.assign({}, ...converted.map(({ plugins }) => plugins)),
    remarks: converted.flatMap(({ remarks }) => remarks),
    lost: converted.flatMap(({ lost }) => lost),
  };
}

function convertPlugin(name: string, config: Resource, options: ConvertOptions): ConvertedPlugins {
  const { _meta, ...own } = config;
  const { disable, ...surplus } = isResource(_meta) ? _meta : {};
  if (!Object.hasOwn(registry, name)) {
    const isMissed = !harmless.test(name) && disable !== true;
    return {
      plugins: {},
      remarks: isMissed ? [] : [toLoss(name)],
      lost: isMissed ? [toLoss(name)] : [],
    };
  }
  const keys = converters[name]?.(own, options) ?? { config: own, remarks: [] };
  const meta = disable === undefined ? {} : { _meta: { disable } };
  const others = Object.keys(surplus);
  return {
    plugins: { [name]: { ...keys.config, ...meta } },
    remarks: [...keys.remarks, ...others.filter((key) => key !== 'filter').map(toMetaLoss)],
    // In APISIX a plugin with a filter runs for some requests. Without the filter it would run for all, so a person
    // must decide.
    lost: others.filter((key) => key === 'filter').map(toMetaLoss),
  };

  function toMetaLoss(key: string): string {
    return `_meta.${key} of ${name} is left out: only disable is known here`;
  }
}

function toLoss(name: string): string {
  return `plugin ${name} is left out: there is no such plugin here`;
}

interface ConvertedKeys {
  readonly config: Resource;
  readonly remarks: readonly string[];
}

type ConvertConfig = (config: Resource, options: ConvertOptions) => ConvertedKeys;

/** Plugins whose settings are changed. */
const converters: Readonly<Record<string, ConvertConfig | undefined>> = {
  'aws-lambda': convertKeys,
  'proxy-rewrite': convertRewrite,
  ...toLimitConverters('limit-count', 'limit-conn', 'limit-req'),
};

function toLimitConverters(...names: readonly string[]): Record<string, ConvertConfig> {
  const toConverter =
    (name: string): ConvertConfig =>
    (config, { limits }) =>
      limits === undefined ? { config, remarks: [] } : convertLimit(name, config);
  return Object.fromEntries(names.map((name) => [name, toConverter(name)]));
}

/** Removes what has no meaning here. The path is sent as it came in any case. */
function convertRewrite(written: Resource): ConvertedKeys {
  const { use_real_request_uri_unsafe: isRaw, scheme, ...config } = written;
  const remarks = [
    ...(isRaw === true
      ? ['use_real_request_uri_unsafe of proxy-rewrite is left out: paths are sent as they came']
      : []),
    ...(scheme === undefined
      ? []
      : ['scheme of proxy-rewrite is left out: it is that of the upstream']),
  ];
  return { config, remarks };
}

/** Removes static keys, because the execution role signs instead. */
function convertKeys(config: Resource, { keepKeys, moveKeys }: ConvertOptions): ConvertedKeys {
  const { authorization } = config;
  const iam = isResource(authorization) ? authorization['iam'] : undefined;
  if (!isResource(authorization) || !isResource(iam) || !('accesskey' in iam)) {
    return { config, remarks: [] };
  }
  if (keepKeys && moveKeys) return { config, remarks: [] };
  if (keepKeys) {
    const remark =
      'static keys stay in the document; anyone who may read the parameter can read them';
    return { config, remarks: [remark] };
  }
  const { accesskey, secretkey, secret_key, session_token, ...rest } = iam;
  const remark =
    'static keys are left out: the proxy’s role signs, and needs permission to call the upstream (--keep-keys keeps them)';
  return {
    config: { ...config, authorization: { ...authorization, iam: rest } },
    remarks: [remark],
  };
}

/** How objects of APISIX are converted. */
export interface ConvertOptions {
  /** Whether static keys stay in the documents. */
  readonly keepKeys: boolean;
  /** Whether keys leave the documents later, for secrets. */
  readonly moveKeys?: boolean | undefined;
  /** What takes the place of Redis. Without it the policies of Redis stay, and are refused here. */
  readonly limits?: 'dynamodb' | undefined;
}
