/** Objects of Apache APISIX, converted as `import apisix` does. */
import { convertApisix } from '../../cli/apisix/convert.ts';
import { parseApisix } from '../../cli/apisix/read.ts';

export const uri = 'https://abc1234567.execute-api.us-east-1.amazonaws.com/default';
export const lambda = (authorization: object = {}) => ({
  'aws-lambda': { function_uri: uri, authorization },
});
export const route = { id: '1', uri: '/a', plugins: lambda() };

export const convert = (file: unknown, keepKeys = false) =>
  convertApisix(parseApisix(JSON.stringify(file), 'dump'), { keepKeys });
/** @returns the document of {@link route}, changed by these parts, beside other objects */
export const convertOne = (parts: object, others: object = {}, keepKeys = false) => {
  const { documents } = convert({ routes: [{ ...route, ...parts }], ...others }, keepKeys);
  return documents.find(({ kind }) => kind === 'routes') ?? fail();
};
const fail = (): never => {
  throw new Error('nothing was converted');
};
