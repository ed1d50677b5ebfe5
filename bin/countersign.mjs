#!/usr/bin/env node
// What `npx countersign` runs in a clone: TypeScript as it stands, so that there is no build to forget.
import { register } from 'tsx/esm/api';

register();
await import('./countersign.ts');
