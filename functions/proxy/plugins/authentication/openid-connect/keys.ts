/** An identity provider's issuer and keys: found by discovery, kept, and fetched anew when a token names a key that is unknown. */
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { Pool } from '../../../send/connections.ts';
import { type AllowedHost, findForbiddenService } from '../../../send/hosts.ts';
import { callService, toUndecided } from '../../../send/service.ts';
import { parseTarget, type Target } from '../../../upstream/target.ts';
import type { PluginServices } from '../../plugin.ts';

/** The provider's metadata (OpenID Connect Discovery 1.0 §3). */
export interface Provider {
  readonly issuer: string;
  /** Finds the key of a token. Made once, since making it copies and checks every key. */
  readonly findKey: ReturnType<typeof createLocalJWKSet>;
}

/** An identity provider's keys and issuer, fetched on first use and cached. Deadlines are epoch ms. */
export interface ProviderSource {
  /** @throws ProxyError `ACCESS_UNDECIDED` when there are no keys at all */
  current(deadlineMs: number): Promise<Provider>;
  /** After a token that names an unknown key: newer keys, unless they are new already. */
  renewed(deadlineMs: number): Promise<Provider>;
}

/** Where a provider's discovery document is, and how long its keys are used. */
export interface ProviderOptions {
  readonly discovery: Target;
  readonly timeoutMs: number;
  readonly maxAgeMs: number;
}

/** However many tokens name keys that there are not, the provider is asked this often at most. */
const minPauseMs = 30_000;
/** Pause after a failure without any keys; requests meanwhile fail at once with `ACCESS_UNDECIDED`. */
const pauseWithoutKeysMs = 1000;
const maxAnswerBytes = 512 * 1024;
/** Providers publish a few keys, the largest some dozens. Each token with an unknown key is compared with all of them. */
const maxKeys = 100;

/** @returns a source that asks once for all who wait, and goes on with old keys while new ones cannot be had */
export function createProviderSource(
  options: ProviderOptions,
  services: PluginServices,
): ProviderSource {
  const { now } = services;
  let provider: Provider | undefined;
  let fetchedMs = Number.NEGATIVE_INFINITY;
  let triedMs = Number.NEGATIVE_INFINITY;
  let pending: Promise<void> | undefined;
  const fetch = createFetch(options, services);
  const refresh = (deadlineMs: number): Promise<void> => {
    triedMs = now();
    pending ??= fetch(deadlineMs)
      .then((fetched) => {
        provider = fetched;
        fetchedMs = now();
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
  const refreshIfDue = async (deadlineMs: number) => {
    if (pending === undefined && now() - triedMs < minPauseMs) return;
    await refresh(deadlineMs).catch((error: unknown) => {
      if (!provider) throw error;
      services.log('warn', "openid-connect: new keys can't be had, the old ones are used", {
        error: error instanceof Error ? error.message : String(error),
      });
    });
  };
  const getOrThrow = (): Provider => {
    if (provider) return provider;
    throw toUndecided(`no keys from ${options.discovery.host}`);
  };
  return {
    async current(deadlineMs) {
      if (!provider) {
        const isPausing = pending === undefined && now() - triedMs < pauseWithoutKeysMs;
        if (!isPausing) await refresh(deadlineMs);
      } else if (now() - fetchedMs > options.maxAgeMs) await refreshIfDue(deadlineMs);
      return getOrThrow();
    },
    async renewed(deadlineMs) {
      await refreshIfDue(deadlineMs);
      return getOrThrow();
    },
  };
}

function createFetch(
  { discovery, timeoutMs }: ProviderOptions,
  services: PluginServices,
): (deadlineMs: number) => Promise<Provider> {
  const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 20_000, verifyTls: true };
  // At load, so that the pool is the document's; the one of the keys has to wait for their address.
  const pool = services.connect(discovery, settings, 'service');
  const connect = (target: Target): Pool =>
    target.host === discovery.host ? pool : services.connect(target, settings, 'service');
  return async (deadlineMs) => {
    const get = async (target: Target): Promise<Readonly<Record<string, unknown>>> => {
      const { now } = services;
      const answer = await callService(async () => toGet(target), {
        ...{ origin: target, pool: connect(target), timeoutMs, deadlineMs, now },
        maxBytes: maxAnswerBytes,
      });
      return parseAnswer(answer.status, answer.body, target);
    };
    const { issuer, jwks_uri } = await get(discovery);
    if (typeof issuer !== 'string' || typeof jwks_uri !== 'string') {
      throw toUndecided(`${discovery.host}: a discovery document without issuer and jwks_uri`);
    }
    const keys = await get(parseKeysUri(jwks_uri, services.allowedHosts));
    return { issuer, findKey: parseKeys(keys, discovery) };
  };
}

function parseKeys(set: Readonly<Record<string, unknown>>, { host }: Target): Provider['findKey'] {
  const { keys } = set;
  if (!Array.isArray(keys)) throw toUndecided(`${host}: keys without keys`);
  if (keys.length > maxKeys) {
    throw toUndecided(`${host}: ${keys.length} keys, expected at most ${maxKeys}`);
  }
  try {
    return createLocalJWKSet({ keys } as JSONWebKeySet);
  } catch (error) {
    throw toUndecided(`${host}: keys that are no set of JSON Web Keys`, error);
  }
}

function parseKeysUri(uri: string, allowedHosts: readonly AllowedHost[]): Target {
  try {
    return parseTarget(uri, allowedHosts, findForbiddenService);
  } catch (error) {
    throw toUndecided('the discovery document names a jwks_uri that is refused', error);
  }
}

function toGet(target: Target) {
  return {
    method: 'GET',
    path: target.basePath,
    query: target.baseQuery,
    headers: [
      ['host', target.host],
      ['accept', 'application/json'],
    ] as const,
    body: Buffer.alloc(0),
  };
}

function parseAnswer(
  status: number,
  body: Buffer,
  target: Target,
): Readonly<Record<string, unknown>> {
  if (status !== 200) throw toUndecided(`${target.host}${target.basePath} answered ${status}`);
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    throw toUndecided(`${target.host}${target.basePath} answered no JSON`, error);
  }
  throw toUndecided(`${target.host}${target.basePath} answered no object`);
}
