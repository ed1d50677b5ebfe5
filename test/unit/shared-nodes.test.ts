/** Upstreams of hundreds of nodes that hundreds of documents call: each node is parsed once and held once. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRoundRobin } from '../../functions/proxy/upstream/balance/round-robin.ts';
import { functionUri } from '../support/documents.ts';
import { createTableRig, root } from '../support/table-rig.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const names = Array.from(
  { length: 330 },
  (_, index) => `n${index}.execute-api.us-east-1.amazonaws.com`,
);
const nodes = Object.fromEntries(names.map((name) => [name, 1]));
/** As many nodes as one document may have from others. */
const weighted_upstreams = Array.from({ length: 6 }, () => ({ upstream_id: 'u' }));

test('a hundred documents whose service names an upstream six times do not hold its nodes each', async () => {
  const rig = createTableRig();
  rig.store.put(`${root}/upstreams/u`, { scheme: 'https', nodes });
  rig.store.put(`${root}/services/s`, {
    plugins: {
      'traffic-split': { rules: [{ weighted_upstreams }] },
      'aws-lambda': { function_uri: functionUri },
    },
  });
  for (let index = 0; index < 100; index += 1) {
    rig.store.put(`${root}/routes/r${index}`, { uri: `/r${index}`, service_id: 's' });
  }
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const table = await rig.load(undefined);
  collectGarbage();
  const bytes = process.memoryUsage().heapUsed - before;

  expect(table.documents.size).toBe(102);
  // Held by each document, they take 190 MB.
  expect(bytes).toBeLessThan(60_000_000);
});

test('the turns of a route begin with its first request, not when its document is compiled', () => {
  let asked = 0;
  const weighted = [1, 2, 3].map((weight) => ({ name: `n${weight}`, weight, priority: 0 }));
  const picker = createRoundRobin(weighted, () => {
    asked += 1;
    return 0.5;
  });
  expect(asked).toBe(0);

  for (let turn = 0; turn < 3; turn += 1) picker.pick(weighted, '');
  expect(asked).toBe(1);
});
