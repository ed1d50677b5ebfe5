/** One parameter of a raw query: read decoded, removed with everything else left as it travels. */

/** @returns every value of the parameter, decoded; one that cannot be decoded as it stands */
export function readParameter(query: string, name: string): readonly string[] {
  return splitQuery(query)
    .filter((part) => part.name === name)
    .map(({ value }) => value);
}

/** @returns the query less every occurrence of the parameter */
export function withoutParameter(query: string, name: string): string {
  return splitQuery(query)
    .filter((part) => part.name !== name)
    .map(({ raw }) => raw)
    .join('&');
}

function splitQuery(query: string) {
  return query.split('&').map((raw) => {
    const [name = '', ...rest] = raw.split('=');
    return { raw, name: decode(name), value: decode(rest.join('=')) };
  });
}

function decode(text: string): string {
  // Thousands of `%` that are no escape would be thousands of errors thrown, and come out as they are.
  if (!/%[0-9a-f]{2}/i.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
