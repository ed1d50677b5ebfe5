import { decodePercent } from '../function-url/encoding.ts';

/** A matching resource, and the values of its parameters. */
export interface ResourceMatch<T> {
  readonly resource: T;
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

/**
 * Finds the first resource whose pattern matches: literal segments, `{name}` for one segment, `{name+}` for the rest.
 * @returns undefined where API Gateway answers "Missing Authentication Token"
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
