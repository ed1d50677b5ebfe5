/** Certificates that APISIX asks clients for. */
import { isResource, type Resource } from './read.ts';

/** @returns whether APISIX asks clients of the route for a certificate, as sentences. Here no client is asked for one. */
export function findClientCertificates(
  { host, hosts = host === undefined ? [] : [host] }: Resource,
  list: (type: string) => readonly Resource[],
): string[] {
  const names = toTexts(hosts);
  const asking = [...list('ssls'), ...list('ssl')].filter(
    ({ client, status }) => isResource(client) && status !== 0,
  );
  const asked = asking.flatMap(({ sni, snis = sni === undefined ? [] : [sni] }) => toTexts(snis));
  const own = asked.filter(
    (sni) => names.length === 0 || names.some((name) => covers(sni, name) || covers(name, sni)),
  );
  return own.map((sni) => `clients of ${sni} need no certificate here`);
}

function toTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((text) => String(text).toLowerCase()) : [];
}

/** Whether a name, with `*.` for any names before it, holds another one. */
function covers(pattern: string, name: string): boolean {
  return pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)));
}
