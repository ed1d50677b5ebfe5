/** How two templates of the constructs become one with conditions. */
import { isObject, type Json, type JsonObject } from '../../release/json.ts';
import { mergeTemplates, type Template, toCombinedConditions } from '../../release/merge.ts';
import { withOptionalParameters } from '../../release/optional.ts';
import { toReadable } from '../../release/readable.ts';

const toTemplate = (Resources: Record<string, JsonObject>): Template => ({
  ...{ Description: 'one', Resources },
  Outputs: {},
});
const noValue = { Ref: 'AWS::NoValue' };

/** What the properties of one resource become. */
function mergeProperties(whenTrue: Json, whenFalse: Json): Json | undefined {
  const toOne = (value: Json) => toTemplate({ One: { Type: 'A', Properties: { value } } });
  const { Resources } = mergeTemplates('Has', toOne(whenTrue), toOne(whenFalse));
  const properties = Resources['One']?.['Properties'];
  return isObject(properties) ? properties['value'] : undefined;
}

test('a resource that only one template has gets the condition, and one inside of another both', () => {
  const both = { Shared: { Type: 'A' } };
  const inner = mergeTemplates(
    'HasX',
    toTemplate({ ...both, Own: { Type: 'B' } }),
    toTemplate(both),
  );
  const outer = mergeTemplates('HasY', inner, toTemplate(both));

  expect(inner.Resources).toEqual({ ...both, Own: { Type: 'B', Condition: 'HasX' } });
  expect(outer.Resources['Own']).toEqual({ Type: 'B', Condition: 'HasXAndHasY' });
  expect(toCombinedConditions(outer)).toEqual({
    HasXAndHasY: { 'Fn::And': [{ Condition: 'HasX' }, { Condition: 'HasY' }] },
  });
});

test.each<[string, Json, Json, Json]>([
  ['a text', 'a', 'b', { 'Fn::If': ['Has', 'a', 'b'] }],
  ['a member', { a: 1, b: 2 }, { a: 1 }, { a: 1, b: { 'Fn::If': ['Has', 2, noValue] } }],
  ['an item', ['a', 'b', 'c'], ['a', 'c'], ['a', { 'Fn::If': ['Has', 'b', noValue] }, 'c']],
  [
    'items on either side',
    ['a', 'b'],
    ['c', 'b'],
    [{ 'Fn::If': ['Has', 'a', noValue] }, { 'Fn::If': ['Has', noValue, 'c'] }, 'b'],
  ],
  [
    'a reference, which is no object to merge',
    { Ref: 'X' },
    { Ref: 'Y' },
    { 'Fn::If': ['Has', { Ref: 'X' }, { Ref: 'Y' }] },
  ],
  [
    'a stretch of a text',
    { 'Fn::Join': ['', ['a', { Ref: 'X' }, 'b', { Ref: 'Y' }, 'c']] },
    { 'Fn::Join': ['', ['a', 'c']] },
    {
      'Fn::Join': [
        '',
        [
          'a',
          { 'Fn::If': ['Has', { 'Fn::Join': ['', [{ Ref: 'X' }, 'b', { Ref: 'Y' }]] }, ''] },
          'c',
        ],
      ],
    },
  ],
])('where %s differs, and nowhere else, there is a condition', (_, whenTrue, whenFalse, merged) => {
  expect(mergeProperties(whenTrue, whenFalse)).toEqual(merged);
});

test('a dependency on a resource that may be absent is a reference under its condition', () => {
  const whenTrue = toTemplate({ One: { Type: 'A', DependsOn: ['Always', 'Sometimes'] } });
  const whenFalse = toTemplate({ One: { Type: 'A', DependsOn: ['Always'] } });

  expect(mergeTemplates('Has', whenTrue, whenFalse).Resources['One']).toEqual({
    ...{ Type: 'A', DependsOn: ['Always'] },
    Metadata: { DependsOn: [{ 'Fn::If': ['Has', { Ref: 'Sometimes' }, ''] }] },
  });
});

test.each<[string, JsonObject, JsonObject]>([
  ['a type', { Type: 'A' }, { Type: 'B' }],
  ['a deletion policy', { Type: 'A', DeletionPolicy: 'Retain' }, { Type: 'A' }],
  ['a dependency of the template without', { Type: 'A' }, { Type: 'A', DependsOn: ['B'] }],
])('%s that differs is refused, since no condition can decide it', (_, one, other) => {
  expect(() => mergeTemplates('Has', toTemplate({ X: one }), toTemplate({ X: other }))).toThrow(
    /^X:/,
  );
  expect(() => mergeTemplates('Has', toTemplate({}), toTemplate({ X: other }))).toThrow(/^X /);
});

test('an optional parameter that is not given takes its value, its list or its statement with it', () => {
  const topic = { Ref: 'TopicArn' };
  const statement = { Effect: 'Allow', Action: 'sns:Publish', Resource: topic };
  const { Resources } = withOptionalParameters(
    toTemplate({
      X: {
        Properties: {
          ...{ value: topic, list: [topic], statements: [statement, 'other'] },
          COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1',
          inText: { 'Fn::Join': ['', [topic]] },
        },
      },
    }),
  );
  const whereGiven = (value: Json) => ({ 'Fn::If': ['HasTopic', value, noValue] });

  expect(Resources['X']?.['Properties']).toEqual({
    ...{ value: whereGiven(topic), list: whereGiven([topic]) },
    statements: [whereGiven(statement), 'other'],
    COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: { 'Fn::If': ['RequiresAccessPlugin', '1', noValue] },
    inText: { 'Fn::Join': ['', [topic]] },
  });
});

test.each<[Json, Json]>([
  [
    { 'Fn::Join': ['', ['arn:', { Ref: 'X' }, ':', { 'Fn::GetAtt': ['Y', 'Arn'] }]] },
    { 'Fn::Sub': `arn:\${X}:\${Y.Arn}` },
  ],
  [{ 'Fn::Join': ['', ['a', 'b']] }, 'ab'],
  [{ 'Fn::Join': ['', [`\${a}`, { Ref: 'X' }]] }, { 'Fn::Sub': `\${!a}\${X}` }],
  [
    { 'Fn::Join': ['', ['a', { 'Fn::If': ['Has', 'b', 'c'] }, { Ref: 'X' }]] },
    { 'Fn::Join': ['', ['a', { 'Fn::If': ['Has', 'b', 'c'] }, { 'Fn::Sub': `\${X}` }]] },
  ],
  [{ 'Fn::Join': ['-', ['a', 'b']] }, { 'Fn::Join': ['-', ['a', 'b']] }],
])('the text %j is written as %j', (joined, readable) => {
  expect(toReadable(joined)).toEqual(readable);
});
