/** The promises of the functions: variables of the environment, error codes and metrics. */
import { readConfig } from '../../functions/proxy/config.ts';
import { type ErrorCode, toProblemFields } from '../../functions/proxy/http/errors.ts';
import { createRequestMetrics, type Measurements } from '../../functions/proxy/log/metrics.ts';
import { read, readTexts } from './sources.ts';

/** Lines about what operators set, and what clients and alarms see. */
export function listRuntimePromises(): readonly string[] {
  return [...listVariables(), ...listDefaults(), ...listCodes(), ...listMetrics()];
}

/** Names of variables stand in the sources as whole texts. */
function listVariables(): readonly string[] {
  const readers = ['functions/proxy/config.ts', 'functions/publisher/notify.ts'];
  const commands = readTexts('cli').map(({ text }) => text);
  const names = [...readers.map(read), ...commands].flatMap((text) =>
    [...text.matchAll(/'((?:COUNTERSIGN|AWS)_[A-Z0-9_]+)'/g)].map(([, name = '']) => name),
  );
  const endpoints = ['SSM', 'DYNAMODB', 'KMS'].map((service) => `AWS_ENDPOINT_URL_${service}`);
  // Variables of an operator's own, to which documents refer, are in examples.
  const own = names.filter((name) => !name.startsWith('COUNTERSIGN_VAR_'));
  return [...own, ...endpoints].map((name) => `environment ${name}`);
}

/** What holds where a variable is not set. */
function listDefaults(): readonly string[] {
  const config = readConfig({ AWS_REGION: 'us-east-1', COUNTERSIGN_PARAMETER_PATH: '/a' });
  const defaults = {
    COUNTERSIGN_REFRESH_SECONDS: config.refreshMs / 1000,
    COUNTERSIGN_LOG_LEVEL: config.logLevel,
    COUNTERSIGN_METRICS: config.metrics,
    COUNTERSIGN_DEBUG_HEADERS: Number(config.debugHeaders),
    COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: Number(config.requireAccessPlugin),
    COUNTERSIGN_ENV_PREFIX: config.rules.envPrefix,
  };
  return Object.entries(defaults).map(([name, value]) => `environment ${name} = default ${value}`);
}

function listCodes(): readonly string[] {
  const text = read('functions/proxy/http/errors.ts');
  const codes = [...text.matchAll(/^ {2}([A-Z_]+): \[\d{3}, /gm)].map(([, code]) => code);
  return (codes as ErrorCode[]).map((code) => `code ${code} = ${toProblemFields(code).status}`);
}

const everything: Measurements = {
  ...{ ttfbMs: 1, addedMs: 1, upstreamMs: 1, requestBytes: 1, responseBytes: 1 },
  ...{ clientErrors: 1, serverErrors: 1, errors: 1, coldStarts: 1 },
  ...{ tableAgeSeconds: 1, invalidDocuments: 1 },
};

function listMetrics(): readonly string[] {
  const metrics = createRequestMetrics({ proxy: '/a', perRoute: true });
  return metrics
    .toMetadata(everything, true)
    .CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions: all, Metrics: measured }) =>
      measured.flatMap(({ Name: name, Unit: unit }) => [
        `metric ${namespace}.${name} = ${unit}`,
        ...all.map((names) => `metric ${namespace}.${name} = by ${names.join(', ')}`),
      ]),
    );
}
