/** `npm run pictures`: draws the pictures of the docs again, from the pages and programs that they show. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { redrawChart } from '../bench/harness/results.ts';
import { readStages, toRequestPath } from './request-path.ts';

const docs = join(import.meta.dirname, '..', 'docs');

await redrawChart();
const stages = readStages(readFileSync(join(docs, 'request-path.md'), 'utf8'));
writeFileSync(join(docs, 'request-path.svg'), toRequestPath(stages));
