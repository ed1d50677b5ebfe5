/** Small documents of the kinds that routes and consumers name, for tests of the CLI. */
import { orders } from './cli-store.ts';

export const { uri, plugins } = orders(5000);

export const upstream = { scheme: 'http', nodes: { '127.0.0.1:8080': 1 } };
export const guard = { plugins: { 'key-auth': {} } };
/** A service. */
export const shop = { plugins: { ...plugins, 'key-auth': {} } };
/** A route of that service. */
export const ofShop = { uri, service_id: 'shop' };
