/**
 * Stands in for aws-lambda-ric's native addon, which takes a C++ toolchain to build: its `done` and `error` are two
 * POSTs to the Runtime API. Loaded with `--require`; `next` is done by the client itself in JavaScript
 * (AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1). Everything else, all of streaming included, is AWS's own code.
 */
const http = require('node:http');
const Module = require('node:module');

// biome-ignore lint/style/noProcessEnv: it is told by Lambda's own variable where the Runtime API is
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

function post(path, body, headers = {}) {
  http
    .request(`${api}/${path}`, { method: 'POST', headers }, (response) => response.resume())
    .end(body);
}

const rapidClient = {
  initializeUserAgent() {},
  done: (id, body) => post(`${id}/response`, body),
  error: (id, body) => post(`${id}/error`, body, { 'content-type': 'application/json' }),
};

const load = Module._load;
Module._load = (request, ...rest) =>
  request.endsWith('rapid-client.node') ? rapidClient : load(request, ...rest);
