/** What the settings of webhook-auth may be. Its decisions about requests: webhook-auth.test.ts. */
import { webhookAuth } from '../../../functions/proxy/plugins/authentication/webhook-auth/webhook-auth.ts';
import { thrownBy } from '../../support/builders.ts';
import { preparePlugin } from '../../support/plugin-rig.ts';

const whsec = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const github = { preset: 'github', secrets: ['s'] };
const own = { header: 'X-Sign', secrets: ['s'] };
const timed = (signed: string) => ({ ...own, signed, timestamp_header: 'x-time' });

test('the plugin refuses clients', () => {
  expect(preparePlugin(webhookAuth, github)).toMatchObject({
    name: 'webhook-auth',
    isAccessPlugin: true,
  });
});

test('what is unknown in the signed text is named', () => {
  const prepare = () => preparePlugin(webhookAuth, { ...own, signed: '{bod}{body}' });

  expect(thrownBy(prepare)).toMatchObject({ issues: [{ found: '"{bod}"' }] });
});

test.each<[object, string, string]>([
  [{ ...own, preset: 'github' }, '', 'a preset, or the header'],
  [{ secrets: ['s'] }, '', 'a preset, or the header'],
  [{ ...github, prefix: 'x' }, '', 'no header, algorithm, encoding, prefix, signed, timestamp'],
  [{ ...github, timestamp_header: 'x' }, '', 'beside a preset'],
  [{ ...github, tolerance: 9 }, '/tolerance', 'say no time'],
  [{ ...own, tolerance: 9 }, '/tolerance', 'say no time'],
  [{ preset: 'gitlab', secrets: ['s'] }, '/preset', 'one of github, stripe, slack, svix'],
  [{ preset: 'svix', secrets: ['no base64'] }, '/secrets/0', 'base64'],
  [{ preset: 'svix', secrets: [whsec, 'whsec_'] }, '/secrets/1', 'base64'],
  [{ ...own, signed: '{bod}{body}' }, '/signed', '{body}, {timestamp}'],
  [{ ...own, signed: '{body}{constructor}' }, '/signed', '{body}, {timestamp}'],
  [{ ...own, signed: '{body}{header:}' }, '/signed', '{header:<name>}'],
  [{ ...own, signed: '{body}{header:a b}' }, '/signed', '{header:<name>}'],
  [{ ...own, signed: '{body}{xheader:a}' }, '/signed', '{header:<name>}'],
  [{ ...own, signed: '{method}' }, '/signed', '{body} among'],
  [{ ...own, signed: '{timestamp}{body}' }, '/signed', 'or neither'],
  [{ ...own, timestamp_header: 'x' }, '/signed', 'or neither'],
  [timed('{header:x-id}{timestamp}.{body}'), '/signed', 'between {header:x-id} and {timestamp}'],
  [timed('{body}.{timestamp}.{method}'), '/signed', '{timestamp} in front of {body}'],
])('the settings %j are refused at %s', (config, at, expected) => {
  const { issues } = thrownBy(() => preparePlugin(webhookAuth, config)) as {
    issues: { pointer: string; expected: string }[];
  };

  expect(issues[0]?.pointer).toBe(`/plugins/it${at}`);
  expect(issues[0]?.expected).toContain(expected);
});
