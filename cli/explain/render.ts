/** Renders an explanation for a terminal. */

import { placeholder } from '../rehearsal/rehearsal.ts';
import type { Paint } from '../terminal/output.ts';
import type { ExplainedCall, ExplainedRoute, Explanation } from './explain.ts';
import type { ExplainedPlugin } from './plugins.ts';
import type { SignatureTexts } from './signature.ts';

/** Who calls an upstream, where it is no plugin that does so by itself. */
const callers: Readonly<Record<string, string>> = {
  '': 'called by the route itself',
  'traffic-split': 'chosen by traffic-split',
};

/** Maximum number of routes with another path that are listed. */
const maxOthers = 10;

/** How an explanation is shown. */
export interface RenderOptions {
  readonly paint: Paint;
  /** Whether the canonical request and the string to sign are shown. */
  readonly isVerbose: boolean;
}

/** Renders an explanation for a terminal. */
export function renderExplanation(
  explanation: Explanation,
  { paint, isVerbose }: RenderOptions,
): string {
  const { request, table, route, refusal, plugins, upstreams, assumes } = explanation;
  const host = request.host === '' ? '' : ` on host ${request.host}`;
  const sections = [
    `${paint('bold', `${request.method} ${request.target}`)}${host}, table ${table}`,
    section('Route', renderServing(explanation, paint)),
    section('Other routes', renderOthers(explanation.others)),
    section('Plugins, outermost first', plugins.flatMap(renderPlugin)),
    section('Assumed first', assumes),
    ...upstreams.flatMap((call) => renderCall(call)),
  ];
  if (refusal !== undefined && !route) sections.push(section('Answer', [`the proxy ${refusal}`]));
  return sections.filter(Boolean).join('\n\n');

  function section(title: string, lines: readonly string[]): string {
    return lines.length === 0 ? '' : [paint('bold', title), ...lines.map(indent)].join('\n');
  }

  function toSignedTexts({ canonicalRequest, stringToSign }: SignatureTexts): string[] {
    return [
      section('Canonical request', canonicalRequest.split('\n')),
      section('String to sign', stringToSign.split('\n')),
    ];
  }

  function renderCall(call: ExplainedCall): string[] {
    const { signature, isUpstream, plugin } = call;
    const unsigned = isUpstream ? [section('Signature', ['none: the route does not sign'])] : [];
    const signed = signature && [
      section('Signature', [
        `region ${signature.region}, service ${signature.service}, by ${toSigner(signature.accessKeyId)}`,
      ]),
      ...(isVerbose ? toSignedTexts(signature) : []),
    ];
    const title = isUpstream
      ? `Upstream, ${callers[plugin] ?? `called by ${plugin}`}`
      : `Asked by ${plugin}, taken to answer an empty 200`;
    return [section(title, renderRequest(call)), ...(signed ?? unsigned)];
  }
}

function renderServing({ route, rest }: Explanation, paint: Paint): string[] {
  if (!route) return [paint('red', 'none')];
  const { id, parameter, version, reason, isOpen } = route;
  return [
    `${paint('green', id)}  ${parameter}, version ${version}`,
    [
      reason,
      ...(rest === undefined ? [] : [`what follows the *: ${JSON.stringify(rest)}`]),
      ...(isOpen ? ['open to all'] : []),
    ].join('; '),
  ];
}

/** Lists routes that almost match one by one, and summarises the others. */
function renderOthers(others: readonly ExplainedRoute[]): string[] {
  const near = others.filter(({ verdict }) => verdict !== 'path');
  const far = others.filter(({ verdict }) => verdict === 'path');
  const shown = [...near, ...far.slice(0, maxOthers)];
  const width = Math.max(0, ...shown.map(({ id }) => id.length));
  const more = far.length - maxOthers;
  return [
    ...shown.map(({ id, reason }) => `${id.padEnd(width)}  ${reason}`),
    ...(more > 0 ? [`and ${more} more with another path`] : []),
  ];
}

function renderPlugin(plugin: ExplainedPlugin) {
  const { name, from, priority, does, settings, changes, dependsOn } = plugin;
  const about = [
    ...(priority === undefined ? [] : [`priority ${priority}`]),
    ...(from === undefined ? [] : [`from ${from}`]),
  ].join(', ');
  return [
    `${name}${about === '' ? '' : ` (${about})`} ${does}`,
    ...renderSettings(settings).map(indent),
    ...changes.map((change) => indent(`→ ${change}`)),
    ...(dependsOn === undefined ? [] : [indent(`! depends on ${dependsOn}`)]),
  ];
}

function renderSettings(settings: Readonly<Record<string, unknown>>): string[] {
  const text = Object.entries(settings)
    .map(([name, value]) => `${name}=${isWord(value) ? value : JSON.stringify(value)}`)
    .join(' ');
  return text === '' ? [] : [text];
}

/** Whether a value needs no quotes. */
function isWord(value: unknown): boolean {
  return typeof value === 'string' && /^[^\s"]+$/.test(value);
}

function renderRequest(call: ExplainedCall): string[] {
  const { method, url, stripped, added, replaced, kept, bodyBytes } = call;
  return [
    `${method} ${url}`,
    ...(stripped.length > 0 ? [`stripped  ${stripped.join(', ')}`] : []),
    ...(kept.length > 0 ? [`passed    ${kept.join(', ')}`] : []),
    ...replaced.map((header) => `replaced  ${header}`),
    ...added.map((header) => `added     ${header}`),
    ...(bodyBytes > 0 ? [`body      ${bodyBytes} bytes`] : []),
  ];
}

function toSigner(accessKeyId: string): string {
  return accessKeyId === placeholder.accessKeyId
    ? "placeholder keys in place of the role's, which the function alone has"
    : `the route's own access key ${accessKeyId}`;
}

function indent(line: string): string {
  return `  ${line}`;
}
