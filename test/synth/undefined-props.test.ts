/** `{ name: undefined }` is as if the property were not there: users pass on settings that may be missing. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  CountersignStack,
  type CountersignStackProps,
  DemoStack,
  SigningProxy,
} from '../../lib/index.ts';
import { createApp } from './synth-app.ts';

const lib = join(import.meta.dirname, '..', '..', 'lib');

/** Every optional property that an interface declares, undefined. */
function toUndefined(file: string): Record<string, undefined> {
  const text = readFileSync(join(lib, file), 'utf8');
  const names = [...text.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

const proxy = {
  ...toUndefined('proxy/signing-proxy-props.ts'),
  ...toUndefined('proxy/proxy-environment.ts'),
};
const monitoring = {
  ...toUndefined('monitoring/monitoring.ts'),
  alarms: toUndefined('monitoring/alarms.ts'),
};
const toJson = (stack: Stack) => Template.fromStack(stack).toJSON();

test('undefined properties of the production stack, its proxy and its monitoring change nothing', () => {
  const snapshot = toUndefined('publisher/publisher-options.ts');
  const props = { proxy: { ...proxy, snapshot }, monitoring } as CountersignStackProps;

  expect(Object.keys(proxy).length).toBeGreaterThan(20);
  expect(toJson(new CountersignStack(createApp(), 'Countersign', props))).toEqual(
    toJson(new CountersignStack(createApp(), 'Countersign')),
  );
});

test('undefined properties of the demo and its proxy change nothing', () => {
  expect(toJson(new DemoStack(createApp(), 'Demo', { proxy, helloCodePath: undefined }))).toEqual(
    toJson(new DemoStack(createApp(), 'Demo')),
  );
});

test('an undefined stage is the stage of the API', () => {
  const toTemplate = (scope: { stage?: undefined }) => {
    const stack = new Stack(createApp(), 'Own');
    const api = new RestApi(stack, 'Api', { deployOptions: { stageName: 'live' } });
    api.root.addMethod('GET');
    new SigningProxy(stack, 'Proxy', { snapshot: false }).grantInvokeUpstream(api, scope);
    return toJson(stack);
  };

  expect(toTemplate({ stage: undefined })).toEqual(toTemplate({}));
});
