/** Apache APISIX's `traffic-split`: chooses an upstream for each request, by conditions and weights. */
import * as v from 'valibot';
import type { ChosenUpstream, Exchange } from '../../chain/exchange.ts';
import { keepState } from '../../chain/kept-state.ts';
import { integer } from '../../documents/attributes.ts';
import { DocumentError, pointerTo, unfulfilledError } from '../../documents/document-error.ts';
import { idSchema } from '../../documents/id.ts';
import { strictObject } from '../../documents/schema.ts';
import { checkUpstream, connectUpstream } from '../../upstream/balance/compile.ts';
import { createConsistentHash } from '../../upstream/balance/consistent-hash.ts';
import type { Picker, Weighted } from '../../upstream/balance/node.ts';
import { createRoundRobin } from '../../upstream/balance/round-robin.ts';
import { hashOn, upstreamSchema } from '../../upstream/balance/schema.ts';
import { createConditionSubject } from '../condition-subject.ts';
import { type Condition, compileExpression } from '../expression.ts';
import { compileHashKey } from '../hash-key.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';

const shareSchema = v.pipe(
  strictObject({
    upstream: v.optional(upstreamSchema),
    upstream_id: v.optional(idSchema),
    weight: v.optional(integer(0, 1_000_000), 1),
  }),
  v.check(
    ({ upstream, upstream_id }) => upstream === undefined || upstream_id === undefined,
    'upstream or upstream_id, not both',
  ),
);
type ShareConfig = v.InferOutput<typeof shareSchema>;

const ruleSchema = v.pipe(
  strictObject({
    match: v.optional(v.array(strictObject({ vars: v.array(v.unknown()) })), []),
    weighted_upstreams: v.optional(
      v.pipe(
        v.array(shareSchema),
        v.minLength(1, '1 to 20 upstreams'),
        v.maxLength(20, '1 to 20 upstreams'),
        v.check((shares) => shares.some(({ weight }) => weight > 0), 'a weight above 0'),
      ),
      [{}],
    ),
    hash_on: v.optional(hashOn),
    key: v.optional(v.string()),
  }),
  v.check(
    ({ hash_on, key }) => hash_on === undefined || hash_on === 'consumer' || key !== undefined,
    'key beside hash_on, or "hash_on": "consumer"',
  ),
);

const schema = strictObject({
  rules: v.optional(v.pipe(v.array(ruleSchema), v.maxLength(20, 'at most 20 rules')), []),
});

type RuleConfig = v.InferOutput<typeof ruleSchema>;

/** Sends shares of the requests to other upstreams than the route's own. docs/plugins/traffic-split.md. */
export const trafficSplit = definePlugin({
  name: 'traffic-split',
  priority: 966,
  schema,
  create({ rules }, services, { pointer }) {
    const compiled = rules.map((rule, index) => {
      const at = pointerTo(pointerTo(pointer, 'rules'), index);
      return { holds: compileMatch(rule, at, services), pick: compileShares(rule, at, services) };
    });
    return (exchange, next) => {
      const subject = createConditionSubject(exchange);
      const rule = compiled.find(({ holds }) => holds(subject));
      const upstream = rule?.pick(exchange);
      return next(upstream ? { ...exchange, upstream } : exchange);
    };
  },
});

/** Without any condition a rule is for all requests; of several, one has to hold. */
function compileMatch({ match }: RuleConfig, pointer: string, services: PluginServices): Condition {
  const { countSteps } = services;
  const conditions = match.map(({ vars }, index) =>
    compileExpression(vars, {
      ...{ countSteps, unknown: {} },
      pointer: pointerTo(pointerTo(pointerTo(pointer, 'match'), index), 'vars'),
    }),
  );
  return (subject) => conditions.length === 0 || conditions.some((holds) => holds(subject));
}

/** An upstream that has a share of the requests. */
interface Share extends Weighted {
  /** Undefined for the route's own. */
  readonly upstream: ChosenUpstream | undefined;
}

function compileShares(
  rule: RuleConfig,
  pointer: string,
  services: PluginServices,
): (exchange: Exchange) => ChosenUpstream | undefined {
  const { key, hash_on = 'vars' } = rule;
  const at = pointerTo(pointer, 'weighted_upstreams');
  const shares = rule.weighted_upstreams.map((each, index): Share => {
    const upstream = connect(each, pointerTo(at, index), services);
    return { name: toName(each, index), weight: each.weight, priority: 0, upstream };
  });
  const weighted = shares.filter(({ weight }) => weight > 0);
  if (key === undefined && hash_on !== 'consumer') {
    const picker = keepTurns(weighted, pointer, services);
    return () => picker.pick(weighted, '').upstream;
  }
  const readKey = compileHashKey({ hash_on, key }, pointer);
  const picker = createConsistentHash();
  return (exchange) => picker.pick(weighted, readKey(exchange)).upstream;
}

/** Weights may change, and the name stays: then only as many keys move as have to. */
function toName({ upstream, upstream_id = '' }: ShareConfig, index: number): string {
  return `${index} ${upstream?.name ?? upstream_id}`;
}

function keepTurns(
  shares: readonly Weighted[],
  pointer: string,
  { limits, owner, random }: PluginServices,
): Picker {
  const weights = shares.map(({ name, weight }) => [name, weight]);
  return keepState(limits.share, ['traffic-split', owner, pointer, weights], () =>
    createRoundRobin(shares, random),
  );
}

/** As long as the steps of a regular expression take: hundreds of routes may have all nodes of a `traffic-split`, or name them. */
const stepsOfNode = 10;

/** @returns undefined for the share of the route's own upstream */
function connect(
  { upstream, upstream_id: id }: ShareConfig,
  pointer: string,
  services: PluginServices,
): ChosenUpstream | undefined {
  if (upstream) return connectOwn(upstream, pointer, services);
  return id === undefined ? undefined : connectNamed(id, pointer, services);
}

/**
 * An upstream that is a document: routes share its turns and its health. That document chooses the host, so keys of others do not go
 * there. What there is to say about it is said once, with it.
 */
function connectNamed(id: string, pointer: string, services: PluginServices): ChosenUpstream {
  const object = services.shared?.find('upstream', id);
  const found = object !== 'assumed' && object?.isAvailable ? object : undefined;
  const { parameter: document = '', document: { upstream = nowhere } = {} } = found ?? {};
  const config = v.parse(upstreamSchema, upstream);
  countNodes(config, pointerTo(pointer, 'upstream_id'), services.countInherited);
  const context = {
    ...{ services: { ...services, document, warn: () => {} }, pointer: '' },
    compileKey: compileHashKey,
    keep: <T extends object>(settings: unknown, create: () => T) =>
      keepState(services.limits.share, ['upstream', `${document}#${found?.id}`, settings], create),
  };
  return connectUpstream(checkUpstream(config, context), context);
}

type Upstream = v.InferOutput<typeof upstreamSchema>;

/** @throws DocumentError; those of another document are no fault of this one, which answers 503 */
function countNodes(
  { nodes = {} }: Upstream,
  pointer: string,
  countInherited: PluginServices['countInherited'],
): void {
  const { length } = Object.keys(nodes);
  try {
    countInherited(length * stepsOfNode, pointer);
  } catch (cause) {
    const expected = 'at most 2,000 nodes of other documents for all routes of one document';
    const { issues } = unfulfilledError(pointer, `${length} more`, expected);
    throw new DocumentError(issues, { cause });
  }
}

/** While an upstream is missing, its route answers 503. */
const nowhere = { nodes: {} };

function connectOwn(config: Upstream, pointer: string, services: PluginServices): ChosenUpstream {
  const { limits, owner, countSteps } = services;
  const { nodes = {} } = config;
  countSteps(Object.keys(nodes).length * stepsOfNode, pointerTo(pointer, 'upstream'));
  const context = {
    ...{ services, pointer: pointerTo(pointer, 'upstream'), compileKey: compileHashKey },
    keep: <T extends object>(settings: unknown, create: () => T) =>
      keepState(limits.share, ['traffic-split', owner, settings], create),
  };
  const checked = checkUpstream(config, context);
  for (const warning of checked.warnings) services.warn(`traffic-split: ${warning}`);
  return connectUpstream(checked, context);
}
