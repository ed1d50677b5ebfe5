import { type Input, paginate } from './input.ts';
import { latestVersion, type StoredParameter } from './parameters.ts';
import { isBelow, type StoreState } from './read-operations.ts';
import { toDescription } from './render.ts';
import { SsmError } from './ssm-error.ts';

interface Filter {
  readonly Key: string;
  readonly Option?: string;
  readonly Values?: readonly string[];
}

/** DescribeParameters: metadata only, at most fifty a page, with the common filters. */
export function describeParameters(state: StoreState, input: Input): unknown {
  const { ParameterFilters: filters, Filters: oldFilters } = input;
  const all = [...toFilters(filters), ...toFilters(oldFilters)];
  for (const filter of all) {
    checkFilter(filter);
  }
  const matching = state.parameters
    .list()
    .filter((parameter) => all.every((filter) => isMatch(parameter, filter)));
  const page = paginate(matching, { input, max: 50, keyOf: ({ name }) => name });
  return {
    Parameters: page.items.map(toDescription),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}

/** Parses both forms: `ParameterFilters` with an option, and the older `Filters`, which match prefixes. */
function toFilters(filters: unknown): readonly Filter[] {
  return Array.isArray(filters) ? (filters as readonly Filter[]) : [];
}

const KEYS = ['Name', 'Path', 'Type', 'Tier'];
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  Name: ['Equals', 'BeginsWith', 'Contains'],
  Path: ['OneLevel', 'Recursive'],
};

function checkFilter({ Key, Option }: Filter): void {
  if (!KEYS.includes(Key)) {
    throw new SsmError(`The filter key ${Key} is not valid.`, { type: 'InvalidFilterKey' });
  }
  if (Option !== undefined && !(OPTIONS[Key] ?? ['Equals']).includes(Option)) {
    const message = `The filter option ${Option} is not valid.`;
    throw new SsmError(message, { type: 'InvalidFilterOption' });
  }
}

function isMatch(parameter: StoredParameter, { Key, Option, Values = [] }: Filter): boolean {
  const { type, tier } = latestVersion(parameter);
  switch (Key) {
    case 'Name':
      return Values.some((value) => isNameMatch(parameter.name, value, Option));
    case 'Path':
      return Values.some((value) => isBelow(parameter.name, value, Option === 'Recursive'));
    case 'Type':
      return Values.includes(type);
    default:
      return Values.includes(tier);
  }
}

function isNameMatch(name: string, value: string, option: string | undefined): boolean {
  switch (option) {
    case 'BeginsWith':
      return name.startsWith(value) || name.startsWith(`/${value}`);
    case 'Contains':
      return name.includes(value);
    default:
      return name === value;
  }
}
