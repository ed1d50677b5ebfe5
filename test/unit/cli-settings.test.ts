import { type GlobalOptions, readSettings } from '../../cli/settings.ts';
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';

type Env = Readonly<Record<string, string>>;
const local = 'http://127.0.0.1:3001';

describe('the endpoint', () => {
  it.each<[string, GlobalOptions, Env, string, string | undefined]>([
    ['nothing', {}, {}, 'SSM', undefined],
    ['the option', { endpointUrl: local }, { AWS_ENDPOINT_URL: 'http://other' }, 'SSM', local],
    ['the option, for every service', { endpointUrl: local }, {}, 'IAM', local],
    [
      'the service’s variable',
      {},
      { AWS_ENDPOINT_URL_SSM: local, AWS_ENDPOINT_URL: 'http://o' },
      'SSM',
      local,
    ],
    ['another service’s variable', {}, { AWS_ENDPOINT_URL_SSM: local }, 'IAM', undefined],
    ['the variable of all', {}, { AWS_ENDPOINT_URL: local }, 'IAM', local],
  ])('follows %s', (_, options, env, service, expected) => {
    expect(readSettings(options, env).clientConfig(service).endpoint).toBe(expected);
  });

  it.each(['localhost:3001', 'ftp://x', 'nonsense'])('is not %s', (endpointUrl) => {
    expect(() => readSettings({ endpointUrl }, {})).toThrow(`--endpoint-url: found ${endpointUrl}`);
  });
});

describe('the path', () => {
  it.each<[string, GlobalOptions, Env, string]>([
    ['the option', { path: '/a/b' }, { COUNTERSIGN_PARAMETER_PATH: '/c' }, '/a/b'],
    ['the variable', {}, { COUNTERSIGN_PARAMETER_PATH: '/c' }, '/c'],
    ['a slash at its end, which it loses', { path: '/a/' }, {}, '/a'],
    ['the local stack', { endpointUrl: local }, {}, '/countersign/local'],
  ])('follows %s', (_, options, env, expected) => {
    expect(readSettings(options, env).root()).toBe(expected);
  });

  it.each(['', 'a', '/', '/a b', '/a//b'])('is not %j', (path) => {
    expect(() => readSettings({ path }, {}).root()).toThrow(/parameter path|--path/);
  });

  it('is not guessed where Parameter Store is not on this machine', () => {
    const settings = readSettings({ endpointUrl: 'https://ssm.eu-west-1.amazonaws.com' }, {});

    expect(() => settings.root()).toThrow('No parameter path is set');
  });
});

describe('credentials', () => {
  it('of your own never leave for the local stack unless you name them', () => {
    const own = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };

    expect(readSettings({ endpointUrl: local }, {}).clientConfig('SSM')).toEqual({
      ...{ endpoint: local, region: 'us-east-1', credentials: LOCAL_CREDENTIALS },
    });
    expect(readSettings({ endpointUrl: local }, own).clientConfig('SSM').credentials).toBe(
      undefined,
    );
    expect(readSettings({}, {}).clientConfig('SSM')).toEqual({});
  });

  it('and region follow a profile', () => {
    expect(readSettings({ profile: 'prod', region: 'eu-west-1' }, {}).clientConfig('SSM')).toEqual({
      profile: 'prod',
      region: 'eu-west-1',
    });
  });
});

it('hosts that the proxy allows are those of its own variable, and loopback locally', () => {
  const names = (options: GlobalOptions, env: Env) =>
    readSettings(options, env).allowedHosts.map(({ hostname }) => hostname);

  expect(names({}, {})).toEqual([]);
  expect(names({}, { COUNTERSIGN_ALLOWED_HOSTS: 'api.example.com' })).toEqual(['api.example.com']);
  expect(names({ endpointUrl: local }, {})).toEqual(['127.0.0.1', 'localhost']);
  expect(() => readSettings({}, { COUNTERSIGN_ALLOWED_HOSTS: 'http://x' })).toThrow(
    'COUNTERSIGN_ALLOWED_HOSTS: found http://x',
  );
});
