/**
 * `npm run pictures`: draws the pictures of the docs again, from the pages and programs that they show. With `--record` it
 * runs the first minute of the README anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redrawChart } from '../bench/harness/results.ts';
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
