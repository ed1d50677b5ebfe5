/**
 * Reads resources of Apache APISIX from a text: responses of its Admin API (version 2 or 3, one resource or a list, or
 * an array of responses), or the file of its standalone mode in YAML or JSON.
 */
import { parseDocument } from 'yaml';
import { mergingOptions, toYamlValue } from '../import/yaml-value.ts';
import { CliError } from '../terminal/cli-error.ts';

/** A JSON object of APISIX. */
export type Resource = Readonly<Record<string, unknown>>;

/** By type as in the Admin API's paths: `routes`, `services`, `plugin_configs`, `consumers`, … */
export type Resources = ReadonlyMap<string, readonly Resource[]>;

/** @throws CliError INVALID for other texts */
export function parseApisix(text: string, source: string): Resources {
  const value = parseText(text, source);
  const found: Found[] = isStandalone(value) ? readStandalone(value) : readAnswers(value);
  if (found.length === 0) {
    throw new CliError('INVALID', `${source} contains no APISIX resources; nothing was written.`, {
      hint: 'Use the response of GET /apisix/admin/routes, or the apisix.yaml of the standalone mode.',
    });
  }
  const resources = new Map<string, Resource[]>();
  for (const { type, resource } of found) {
    resources.set(type, [...(resources.get(type) ?? []), resource]);
  }
  return resources;
}

interface Found {
  readonly type: string;
  readonly resource: Resource;
}

/**
 * Parses YAML, of which JSON is a subset. The parser's messages quote lines, which may contain keys, so they are not
 * shown.
 */
function parseText(text: string, source: string): unknown {
  const document = parseDocument(text, { ...mergingOptions, prettyErrors: true });
  const [error] = document.errors;
  if (!error) return toValue(document, source);
  const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
  throw new CliError(
    'INVALID',
    `${source}:${line}:${col}: neither JSON nor YAML (${error.code}); nothing was written.`,
  );
}

function toValue(document: ReturnType<typeof parseDocument>, source: string): unknown {
  try {
    return toYamlValue(document);
  } catch (error) {
    throw toAliasError(source, error);
  }
}

function toAliasError(source: string, cause: unknown): CliError {
  const reason = 'it has aliases without an anchor, too many of them, or an anchor inside itself';
  return new CliError('INVALID', `${source}: ${reason}; nothing was written.`, { cause });
}

const standaloneTypes = [
  ...['routes', 'services', 'consumers', 'upstreams', 'plugin_configs', 'consumer_groups'],
  ...['global_rules', 'ssls'],
];

/** Lists of resources by their type. */
function isStandalone(value: unknown): value is Resource {
  return isResource(value) && standaloneTypes.some((type) => Array.isArray(value[type]));
}

function readStandalone(file: Resource): Found[] {
  return Object.entries(file).flatMap(([type, list]) =>
    Array.isArray(list)
      ? list.filter(isResource).map((resource) => toCredential(resource) ?? { type, resource })
      : [],
  );
}

/** In the standalone mode a credential is among the consumers, and its id says whose it is. */
function toCredential(resource: Resource): Found | undefined {
  const [, username, id] = /^([^/]+)\/credentials\/([^/]+)$/.exec(String(resource['id'])) ?? [];
  return username === undefined
    ? undefined
    : { type: 'credentials', resource: { ...resource, username, id } };
}

/**
 * Version 3 responds with `list` and version 2 with `node.nodes`; both use `key` and `value` for a single resource. A
 * plain resource has none of these.
 */
function readAnswers(value: unknown): Found[] {
  if (Array.isArray(value)) return value.flatMap(readAnswers);
  if (!isResource(value)) return [];
  const { list, node, nodes, key, value: inner } = value;
  if (Array.isArray(list)) return list.flatMap(readAnswers);
  if (isResource(node)) return readAnswers(node);
  if (Array.isArray(nodes)) return nodes.flatMap(readAnswers);
  if (isResource(inner)) return [{ type: toType(key, inner), resource: withIdOf(key, inner) }];
  const type = toType(undefined, value);
  return type === unknownType ? [] : [{ type, resource: value }];
}

const unknownType = 'unknown';

/** The key `/apisix/routes/1` names the type; a resource without a key is recognised by its fields. */
function toType(key: unknown, resource: Resource): string {
  const path = String(key ?? '').split('/');
  if (path.includes('credentials')) return 'credentials';
  const named = path[path.indexOf('apisix') + 1];
  if (typeof key === 'string' && named) return named;
  if ('username' in resource) return 'consumers';
  return 'uri' in resource || 'uris' in resource ? 'routes' : unknownType;
}

/** A credential belongs to the consumer that its key names. */
function withIdOf(key: unknown, resource: Resource): Resource {
  const path = String(key ?? '').split('/');
  if (path.at(-2) === 'credentials') {
    return { id: path.at(-1), ...resource, username: path.at(-3) };
  }
  return 'id' in resource || 'username' in resource ? resource : { ...resource, id: path.at(-1) };
}

/** Tells whether a value is a JSON object, not an array and not null. */
export function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else an empty object. */
export function toRecord(value: unknown): Resource {
  return isResource(value) ? value : {};
}
