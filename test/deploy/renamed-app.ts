/** A stack whose proxy has another construct id in each deployment: what the context key `proxyId` says. */
import { App, Stack, Tags } from 'aws-cdk-lib';
import { SigningProxy } from '../../lib/index.ts';

const app = new App();
const stack = new Stack(app, 'Renamed');
const count = Number(app.node.tryGetContext('routeCount'));
const ids = Array.from({ length: count }, (_, index) => `r${index}`);
new SigningProxy(stack, app.node.tryGetContext('proxyId'), {
  parameterPath: '/renamed',
  // Its bucket would be emptied by a function that the emulator cannot answer (emulator-gaps.ts).
  snapshot: false,
  routes: Object.fromEntries(ids.map((id) => [id, { uri: `/${id}` }])),
});
Tags.of(stack).add('team', 'edge');
