/**
 * Runs the proxy's own plugins for one request, with upstreams in memory. Nothing is sent: each call is recorded, and
 * answered with an empty 200.
 */
import type { RequestListener } from 'node:http';
import type { Exchange, Middleware, PreparedPlugin } from '../../functions/proxy/chain/exchange.ts';
import { isHopByHop } from '../../functions/proxy/http/header-names.ts';
import type { HeaderList, ProxyResponse } from '../../functions/proxy/http/message.ts';
import { createInertServices } from '../../functions/proxy/plugins/inert-services.ts';
import type {
  Plugin,
  PluginServices,
  SharedServices,
} from '../../functions/proxy/plugins/plugin.ts';
import { type PluginRegistry, plugins } from '../../functions/proxy/plugins/registry.ts';
import type { Pool } from '../../functions/proxy/send/connections.ts';
import type { AllowedHost, Origin } from '../../functions/proxy/send/hosts.ts';
import type { AssumedRole } from '../../functions/proxy/sign/provider.ts';
import { createMemoryAgent } from './memory-connection.ts';

/** Placeholder keys for the role's, which only the function has. */
export const placeholder = {
  accessKeyId: 'ASIAPLACEHOLDER00000',
  secretAccessKey: 'placeholder',
  sessionToken: 'placeholder-session-token',
} as const;

/** A call that would be sent to an upstream. */
export interface UpstreamCall {
  /** Name of the plugin that calls. */
  readonly plugin: string;
  readonly origin: Origin;
  readonly method: string;
  /** Path and query as on the request line. */
  readonly target: string;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** What one plugin did. */
export interface Step {
  /** As the table has it. */
  readonly prepared: PreparedPlugin;
  readonly plugin: string;
  readonly priority: number;
  /** Settings as written, with unresolved references. */
  readonly settings: unknown;
  outcome: 'passed on' | 'answered' | 'called' | 'refused';
  /** The exchange that it passed on, if it differs from the one that it received. */
  handedOn?: Exchange;
  readonly got: Exchange;
  /** Whether it used random numbers, so that another request may have another result. */
  usedChance: boolean;
}

/** Runs plugins without sending anything, and records what they do. */
export interface Rehearsal {
  readonly registry: PluginRegistry;
  readonly services: SharedServices;
  /** The settings of a plugin of a loaded route, with resolved references and without defaults. */
  settingsOf(prepared: PreparedPlugin): unknown;
  /** Records the steps and calls of `run`. */
  record(run: () => Promise<ProxyResponse>): Promise<Recording>;
}

/** The steps and calls of one run. */
export interface Recording {
  readonly steps: readonly Step[];
  readonly calls: readonly UpstreamCall[];
  readonly assumed: readonly AssumedRole[];
  readonly response: ProxyResponse | undefined;
  /** The error of the run, if it failed. */
  readonly error: unknown;
}

/** Settings of the proxy that a rehearsal needs. */
export interface RehearsalOptions {
  readonly region: string;
  readonly allowedHosts: readonly AllowedHost[];
}

interface Notes {
  readonly steps: Step[];
  readonly calls: UpstreamCall[];
  readonly assumed: AssumedRole[];
}

/** @returns services for `compileDocument`, and a registry whose plugins record what they do */
export function createRehearsal({ region, allowedHosts }: RehearsalOptions): Rehearsal {
  let notes: Notes = { steps: [], calls: [], assumed: [] };
  const callers = new WeakMap<Pool, string>();
  const settings = new WeakMap<PreparedPlugin, unknown>();
  const connect = (origin: Origin): Pool => {
    const pool = toPool(origin, (call) =>
      notes.calls.push({ ...call, plugin: callers.get(pool) ?? '' }),
    );
    return pool;
  };
  const services: SharedServices = {
    // The deployment decides whether there is a table. Here nothing is counted.
    ...createInertServices({ region, allowedHosts, limitTable: 'limits' }),
    connect,
    credentials: {
      execution: async () => placeholder,
      assume: (role) => async () => {
        notes.assumed.push(role);
        return placeholder;
      },
    },
  };
  const trace = (plugin: Plugin): Plugin =>
    tracePlugin(plugin, { notes: () => notes, callers, settings });
  return {
    services,
    settingsOf: (prepared) => settings.get(prepared),
    registry: Object.fromEntries(
      Object.entries(plugins).map(([name, load]) => [name, async () => trace(await load())]),
    ),
    async record(run) {
      notes = { steps: [], calls: [], assumed: [] };
      const own = notes;
      try {
        return { ...own, response: await run(), error: undefined };
      } catch (error) {
        return { ...own, response: undefined, error };
      }
    },
  };
}

/** Makes limits count locally. Counts start at zero here, and a table would need the network. */
function toLocal(config: unknown): unknown {
  const isCounted = (config as { readonly policy?: unknown } | null)?.policy === 'dynamodb';
  return isCounted ? { ...(config as object), policy: 'local' } : config;
}

interface Tracing {
  readonly notes: () => Notes;
  readonly callers: WeakMap<Pool, string>;
  readonly settings: WeakMap<PreparedPlugin, unknown>;
}

function tracePlugin(plugin: Plugin, { notes, callers, settings }: Tracing): Plugin {
  const { name, priority } = plugin;
  return {
    ...plugin,
    prepare(config, services, context) {
      const ownSteps = () => notes().steps.filter((step) => step.plugin === name);
      const traced: PluginServices = {
        ...services,
        random() {
          for (const step of ownSteps()) step.usedChance = true;
          return services.random();
        },
        connect(origin, settings) {
          const pool = services.connect(origin, settings);
          callers.set(pool, name);
          return pool;
        },
      };
      const prepared = plugin.prepare(toLocal(config), traced, context);
      const about = { plugin: name, priority, settings: context.written };
      const tracedOne: PreparedPlugin = {
        ...prepared,
        middleware: (exchange, next) => run(exchange, next),
      };
      const run = traceMiddleware(prepared.middleware, { ...about, prepared: tracedOne }, notes);
      settings.set(tracedOne, config);
      return tracedOne;
    },
  };
}

function traceMiddleware(
  middleware: Middleware,
  about: Pick<Step, 'prepared' | 'plugin' | 'priority' | 'settings'>,
  notes: () => Notes,
): Middleware {
  return async (exchange, next) => {
    const { steps, calls } = notes();
    const step: Step = { ...about, outcome: 'answered', got: exchange, usedChance: false };
    steps.push(step);
    try {
      return await middleware(exchange, (handedOn) => {
        step.outcome = 'passed on';
        step.handedOn = handedOn;
        return next(handedOn);
      });
    } catch (error) {
      // A refusal by an inner plugin is not this plugin's refusal.
      if (step.outcome === 'answered') step.outcome = 'refused';
      throw error;
    } finally {
      const hasCalled = calls.some((call) => call.plugin === about.plugin);
      if (step.outcome === 'answered' && hasCalled) step.outcome = 'called';
    }
  };
}

function toPool(origin: Origin, onCall: (call: Omit<UpstreamCall, 'plugin'>) => void): Pool {
  const answer: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: target = '', rawHeaders } = request;
      const headers = toPairs(rawHeaders).filter(([name]) => !isHopByHop(name));
      onCall({ origin, method, target, headers, body: Buffer.concat(chunks) });
      response.writeHead(200, { 'content-length': 0 }).end();
    });
  };
  return {
    agent: createMemoryAgent(origin.protocol, answer),
    dropStale: async () => {},
    warm() {},
    isConnectedAhead: () => false,
    closeIdle() {},
  };
}

function toPairs(rawHeaders: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  return pairs;
}
