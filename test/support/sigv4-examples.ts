/**
 * AWS's published examples: the IAM User Guide ("ListUsers"), the S3 API Reference ("Authenticating requests: using
 * the Authorization header"), and the SigV4 test suite (`aws-sig-v4-test-suite`), each with its published signature.
 */
export interface Example {
  readonly name: string;
  readonly method: string;
  /** As on the request line, one character a byte. */
  readonly path: string;
  readonly query: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly canonicalPath: string;
  readonly canonicalQuery: string;
  readonly signature: string;
}

export interface ExampleSet {
  readonly source: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly timestamp: string;
  readonly region: string;
  readonly service: string;
  readonly examples: readonly Example[];
}

const suiteHeaders = [
  ['host', 'example.amazonaws.com'],
  ['x-amz-date', '20150830T123600Z'],
] as const;
const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const utf8 = Buffer.from('ሴ').toString('latin1');

const get = (parts: Partial<Example> & Pick<Example, 'name' | 'signature'>): Example => ({
  method: 'GET',
  path: '/',
  query: '',
  headers: suiteHeaders,
  body: '',
  canonicalPath: '/',
  canonicalQuery: '',
  ...parts,
});
const formHeaders = [
  ['content-type', 'application/x-www-form-urlencoded'],
  ...suiteHeaders,
] as const;
const vanilla = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';

export const testSuite: ExampleSet = {
  source: 'AWS SigV4 test suite',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  timestamp: '20150830T123600Z',
  region: 'us-east-1',
  service: 'service',
  examples: [
    get({ name: 'get-vanilla', signature: vanilla }),
    get({ name: 'get-slash', path: '//', signature: vanilla }),
    get({
      name: 'get-slashes',
      path: '//example//',
      canonicalPath: '/example/',
      signature: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
    }),
    get({
      name: 'get-space',
      path: '/example space/',
      canonicalPath: '/example%20space/',
      signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
    }),
    get({
      name: 'get-unreserved',
      path: `/${unreserved}`,
      canonicalPath: `/${unreserved}`,
      signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
    }),
    get({
      name: 'get-utf8',
      path: `/${utf8}`,
      canonicalPath: '/%E1%88%B4',
      signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
    }),
    get({
      name: 'get-vanilla-empty-query-key',
      query: 'Param1=value1',
      canonicalQuery: 'Param1=value1',
      signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
    }),
    get({
      name: 'get-vanilla-query-order-key',
      query: 'Param1=value2&Param1=Value1',
      canonicalQuery: 'Param1=Value1&Param1=value2',
      signature: 'eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1',
    }),
    get({
      name: 'get-vanilla-query-order-key-case',
      query: 'Param2=value2&Param1=value1',
      canonicalQuery: 'Param1=value1&Param2=value2',
      signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    }),
    get({
      name: 'get-vanilla-query-order-value',
      query: 'Param1=value2&Param1=value1',
      canonicalQuery: 'Param1=value1&Param1=value2',
      signature: '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
    }),
    get({
      name: 'get-vanilla-query-unreserved',
      query: `${unreserved}=${unreserved}`,
      canonicalQuery: `${unreserved}=${unreserved}`,
      signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    }),
    get({
      name: 'get-vanilla-utf8-query',
      query: `${utf8}=bar`,
      canonicalQuery: '%E1%88%B4=bar',
      signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    }),
    get({
      name: 'post-vanilla',
      method: 'POST',
      signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    }),
    get({
      name: 'post-x-www-form-urlencoded',
      method: 'POST',
      headers: formHeaders,
      body: 'Param1=value1',
      signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    }),
  ],
};

export const listUsers: ExampleSet = {
  ...testSuite,
  source: 'IAM User Guide',
  service: 'iam',
  examples: [
    get({
      name: 'ListUsers',
      query: 'Action=ListUsers&Version=2010-05-08',
      headers: [
        ['content-type', 'application/x-www-form-urlencoded; charset=utf-8'],
        ['host', 'iam.amazonaws.com'],
        ['x-amz-date', '20150830T123600Z'],
      ],
      canonicalQuery: 'Action=ListUsers&Version=2010-05-08',
      signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    }),
  ],
};

const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const bucketHeaders = [
  ['host', 'examplebucket.s3.amazonaws.com'],
  ['x-amz-content-sha256', empty],
  ['x-amz-date', '20130524T000000Z'],
] as const;

/** Those that sign exactly what signRequest signs, so that it can be asked for the whole signature. */
export const bucket: ExampleSet = {
  source: 'S3 API Reference',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  timestamp: '20130524T000000Z',
  region: 'us-east-1',
  service: 's3',
  examples: [
    get({
      name: 'GET bucket lifecycle',
      query: 'lifecycle',
      headers: bucketHeaders,
      canonicalQuery: 'lifecycle=',
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    }),
    get({
      name: 'GET bucket (list objects)',
      query: 'max-keys=2&prefix=J',
      headers: bucketHeaders,
      canonicalQuery: 'max-keys=2&prefix=J',
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    }),
    get({
      name: 'GET bucket (list objects), parameters in another order',
      query: 'prefix=J&max-keys=2',
      headers: bucketHeaders,
      canonicalQuery: 'max-keys=2&prefix=J',
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    }),
  ],
};
