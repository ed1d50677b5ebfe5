/**
 * `npm run pictures`: draws the pictures of the docs again, from the pages and programs that they show. With `--record` it
 * runs the first minute of the README anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { redrawChart } from '../bench/harness/results.ts';
import { ProxyMonitoring, SigningProxy } from '../lib/index.ts';
import { readWidgets } from '../test/support/watched.ts';
import { createApp } from '../test/synth/synth-app.ts';
import { toDashboard } from './dashboard.ts';
import { type Scene, toFirstMinute } from './first-minute.ts';
import { record } from './record.ts';
import { readStages, toRequestPath } from './request-path.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const recording = join(import.meta.dirname, 'first-minute.json');

if (process.argv.includes('--record')) await record();
await redrawChart();
const stages = readStages(readFileSync(join(docs, 'request-path.md'), 'utf8'));
writeFileSync(join(docs, 'request-path.svg'), toRequestPath(stages));
const scenes = JSON.parse(readFileSync(recording, 'utf8')) as readonly Scene[];
writeFileSync(join(docs, 'first-minute.svg'), toFirstMinute(scenes));

const stack = new Stack(createApp(), 'Host');
const proxy = new SigningProxy(stack, 'Proxy', { parameterPath: '/countersign/prod' });
new ProxyMonitoring(stack, 'Monitoring', { proxy });
const widgets = readWidgets(Template.fromStack(stack));
writeFileSync(join(docs, 'dashboard.svg'), toDashboard(widgets));
