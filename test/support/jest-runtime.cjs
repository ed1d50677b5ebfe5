/**
 * Jest's runtime with two changes. Node loads each library once a worker, where Jest would evaluate its modules again for
 * each test file: the CDK alone takes four seconds of CPU a file, esbuild a process. Nothing in them is mocked. And a
 * worker compiles each module once, where Jest would compile it again for each test file.
 */
const { createRequire } = require('node:module');
const { isNativeError } = require('node:util/types');
const { Script } = require('node:vm');
const { default: JestRuntime } = require('jest-runtime');

const load = createRequire(__filename);
const isLibrary = new RegExp(
  `^(${[
    '@(aws-sdk|cdktn|inquirer|smithy|valibot)/[a-z0-9-]+|acorn|ajv|aws-cdk-lib|aws4|cdk-nag|commander|constructs|diff|dynalite',
    'esbuild|fast-check|fflate|jsonc-parser|re2js|redos-detector|valibot|yaml',
  ].join('|')})(/|$)`,
);

module.exports = class Runtime extends JestRuntime {
  constructor(...args) {
    super(...args);
    const [, environment, , , , coverage] = args;
    recogniseErrors(environment.global.Error);
    // Coverage counts the characters of a module, without a function around it.
    if (!coverage?.collectCoverage) compileOnce(this.executor);
  }

  requireModuleOrMock(from, name) {
    return isLibrary.test(name) ? load(name) : super.requireModuleOrMock(from, name);
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

/**
 * Compiles modules as scripts. V8 keeps the code of a script for all contexts of a process, but not that of Jest's
 * `compileFunction`, which costs 70 ms of CPU a test file for Jest's own modules alone. No module has an `import()` left
 * (esbuild-transformer.mjs).
 */
function compileOnce(executor) {
  const compileAsJestDoes = executor.compile;
  const head = `(function (${executor.injectedModuleParameters.join(', ')}) {`;
  executor.compile = (source, filename) => {
    const context = executor.environment.getVmContext();
    if (context === null) return null;
    const options = { filename, columnOffset: -head.length };
    try {
      return new Script(`${head}${source}\n})`, options).runInContext(context);
    } catch {
      // Jest explains what is wrong.
      return compileAsJestDoes.call(executor, source, filename);
    }
  };
}
