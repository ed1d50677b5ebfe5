import { decodePercent } from '../function-url/encoding.ts';

/** What a path pattern found. */
export interface ResourceMatch<T> {
  readonly resource: T;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

/**
 * The first resource whose pattern fits: literal segments, `{name}` for one, `{name+}` for the rest.
 * `undefined` where API Gateway says "Missing Authentication Token".
 */
export function matchResource<
  T extends { readonly path: string; readonly methods?: readonly string[] },
>(resources: readonly T[], method: string, path: string): ResourceMatch<T> | undefined {
  for (const resource of resources) {
    const parameters = matchPath(resource.path, path);
    if (parameters !== undefined && (resource.methods?.includes(method) ?? true)) {
      const isEmpty = Object.keys(parameters).length === 0;
      return { resource, pathParameters: isEmpty ? null : parameters };
    }
  }
  return undefined;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expression = pattern
    .split('/')
    .map((part) => {
      const [, name, greedy] = /^\{(\w+)(\+?)\}$/.exec(part) ?? [];
      const text = part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return name === undefined ? text : `(?<${name}>${greedy === '+' ? '.+' : '[^/]+'})`;
    })
    .join('/');
  const match = new RegExp(`^${expression}$`).exec(path);
  return match === null
    ? undefined
    : Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodePercent(value)]),
      );
}
