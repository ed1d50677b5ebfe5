/**
 * Node's HTTP modules without their ESM namespaces: on Node 24 an `import` of node:http reads every export, and the
 * lazy ones among them load all of undici (measured: 27 ms of a cold start against 3).
 */
export const http = process.getBuiltinModule('node:http');
export const https = process.getBuiltinModule('node:https');
