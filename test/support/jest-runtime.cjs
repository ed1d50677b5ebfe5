/**
 * Jest's runtime, but for the CDK: Node loads it once a worker, where Jest would evaluate its thousands of modules
 * again for each test file. That takes four seconds of CPU a file, and nothing in the CDK is mocked.
 */
const { createRequire } = require('node:module');
const { default: JestRuntime } = require('jest-runtime');

const load = createRequire(__filename);
const isCdk = /^(aws-cdk-lib|constructs|cdk-nag)(\/|$)/;

module.exports = class Runtime extends JestRuntime {
  requireModuleOrMock(from, name) {
    return isCdk.test(name) ? load(name) : super.requireModuleOrMock(from, name);
  }
};
