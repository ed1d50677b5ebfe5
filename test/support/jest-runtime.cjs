/**
 * Jest's runtime, but for large libraries: Node loads each of them once a worker, where Jest would evaluate its modules
 * again for each test file. The CDK alone takes four seconds of CPU a file, esbuild a process. Nothing in them is mocked.
 */
const { createRequire } = require('node:module');
const { isNativeError } = require('node:util/types');
const { default: JestRuntime } = require('jest-runtime');

const load = createRequire(__filename);
const isLarge =
  /^(aws-cdk-lib|constructs|cdk-nag|esbuild|@aws-sdk\/[\w-]+|re2js|yaml|ajv|fast-check|dynalite|redos-detector)(\/|$)/;

module.exports = class Runtime extends JestRuntime {
  constructor(config, environment, ...others) {
    super(config, environment, ...others);
    recogniseErrors(environment.global.Error);
  }

  requireModuleOrMock(from, name) {
    return isLarge.test(name) ? load(name) : super.requireModuleOrMock(from, name);
  }
};

/** A test file has globals of its own. Errors that a library throws are made of Node's, and are `instanceof Error` all the same. */
function recogniseErrors(OwnError) {
  const isInstance = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(OwnError, Symbol.hasInstance, {
    value(error) {
      return (this === OwnError && isNativeError(error)) || isInstance.call(this, error);
    },
  });
}
