import { readConfig } from '../../functions/proxy/config.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import {
  cacheCredentials,
  createCredentialSources,
} from '../../functions/proxy/sign/credentials.ts';
import { rejectionOf } from '../support/builders.ts';
import { startSts } from '../support/sts-stub.ts';

const minuteMs = 60_000;

/** Credentials that last an hour from when they were read; each reading has another key. */
function createRig() {
  const clock = { nowMs: 0 };
  let failure: Error | undefined;
  let readings = 0;
  const provider = cacheCredentials(
    async () => {
      readings += 1;
      const accessKeyId = `key-${readings}`;
      if (failure) throw failure;
      return {
        accessKeyId,
        secretAccessKey: 's',
        expiration: new Date(clock.nowMs + 60 * minuteMs),
      };
    },
    () => clock.nowMs,
  );
  return {
    at: async (minutes: number) => {
      clock.nowMs = minutes * minuteMs;
      const { accessKeyId } = await provider();
      await new Promise((resolve) => setImmediate(resolve));
      return accessKeyId;
    },
    provider,
    fail: (error: Error | undefined) => {
      failure = error;
    },
    readings: () => readings,
  };
}

test('callers at the same time share one reading', async () => {
  const { provider, readings } = createRig();
  const all = await Promise.all([provider(), provider(), provider()]);
  expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(['key-1', 'key-1', 'key-1']);
  expect(readings()).toBe(1);
});

test('keys are kept until five minutes before they expire', async () => {
  const { at, readings } = createRig();
  expect([await at(0), await at(30), await at(54.9)]).toEqual(['key-1', 'key-1', 'key-1']);
  expect(readings()).toBe(1);
});

test('in the last five minutes the old keys serve while new ones are read', async () => {
  const { at, readings } = createRig();
  expect([await at(0), await at(55), await at(55.1)]).toEqual(['key-1', 'key-1', 'key-2']);
  expect(readings()).toBe(2);
});

test('while the source fails the old keys serve as long as they are valid', async () => {
  const { at, fail } = createRig();
  await at(0);
  fail(new Error('no STS'));
  expect([await at(56), await at(59.9)]).toEqual(['key-1', 'key-1']);
  expect(await rejectionOf(at(60))).toMatchObject({ code: 'CREDENTIALS_UNAVAILABLE' });
});

test('after a failure the next caller reads again', async () => {
  const { at, fail } = createRig();
  fail(new Error('no STS'));
  expect(await rejectionOf(at(0))).toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    cause: expect.objectContaining({ message: 'no STS' }),
  });
  fail(undefined);
  expect(await at(0)).toBe('key-2');
});

test('expired keys are never handed out', async () => {
  const { at } = createRig();
  expect([await at(0), await at(60), await at(200)]).toEqual(['key-1', 'key-2', 'key-3']);
});

test('an error that says what it is stays what it is', async () => {
  const error = new ProxyError('CREDENTIALS_UNAVAILABLE', 'own words');
  const provider = cacheCredentials(
    () => Promise.reject(error),
    () => 0,
  );
  expect(await rejectionOf(provider())).toBe(error);
});

const config = (env: Readonly<Record<string, string>>) =>
  readConfig({ AWS_REGION: 'eu-west-1', COUNTERSIGN_PARAMETER_PATH: '/x', ...env });

test("the execution role's keys come from the environment", async () => {
  const env = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'S', AWS_SESSION_TOKEN: 'T' };
  const { execution } = createCredentialSources(config(env), () => 0);
  expect(await execution()).toEqual({ accessKeyId: 'A', secretAccessKey: 'S', sessionToken: 'T' });
});

test('without keys the error tells what to set, and nothing is sent unsigned', async () => {
  const { execution } = createCredentialSources(config({}), () => 0);
  expect(await rejectionOf(execution())).toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: expect.stringContaining('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set'),
  });
});

test('one role, external id and session name share one provider; others have their own', () => {
  const { assume } = createCredentialSources(config({}), () => 0);
  const role = { roleArn: 'arn:aws:iam::123456789012:role/a', externalId: 'x1', sessionName: 's1' };
  expect(assume({ ...role })).toBe(assume({ ...role }));
  for (const other of [
    { roleArn: `${role.roleArn}b` },
    { externalId: undefined },
    { externalId: 'x2' },
    { sessionName: 's2' },
  ]) {
    expect(assume({ ...role, ...other })).not.toBe(assume(role));
  }
});

/** Readings that are answered by hand. */
function createSlowRig() {
  const clock = { nowMs: 1_000_000 };
  const answers: ((accessKeyId: string) => void)[] = [];
  const provider = cacheCredentials(
    () =>
      new Promise((resolve) => {
        answers.push((accessKeyId) =>
          resolve({ accessKeyId, secretAccessKey: 's', expiration: new Date(clock.nowMs + 1000) }),
        );
      }),
    () => clock.nowMs,
  );
  return { clock, answers, provider };
}

test('a reading that hangs is shared for eight seconds, and then there is another', async () => {
  const { clock, answers, provider } = createSlowRig();
  const first = provider();
  clock.nowMs += 7999;
  const second = provider();
  expect(answers).toHaveLength(1);

  clock.nowMs += 1;
  const third = provider();
  expect(answers).toHaveLength(2);
  answers[0]?.('old');
  await Promise.all([first, second]);
  await new Promise((resolve) => setImmediate(resolve));
  // The end of the first one has not ended the second one.
  clock.nowMs += 2000;
  const fourth = provider();
  expect(answers).toHaveLength(2);
  answers[1]?.('new');

  expect(await Promise.all([third, fourth])).toMatchObject([
    { accessKeyId: 'new' },
    { accessKeyId: 'new' },
  ]);
});

test('a key that an upstream has called expired is read anew, another one is kept', async () => {
  const { provider, readings } = createRig();

  expect((await provider('key-0')).accessKeyId).toBe('key-1');
  expect((await provider('key-0')).accessKeyId).toBe('key-1');
  expect((await provider('key-1')).accessKeyId).toBe('key-2');
  expect(readings()).toBe(2);
});

test('keys that name no expiry serve once', async () => {
  let readings = 0;
  const provider = cacheCredentials(
    async () => {
      readings += 1;
      return { accessKeyId: `key-${readings}`, secretAccessKey: 's' };
    },
    () => 1000,
  );

  expect([(await provider()).accessKeyId, (await provider()).accessKeyId]).toEqual([
    'key-1',
    'key-2',
  ]);
});

test('a role is assumed with the keys of the execution role, by its own endpoint', async () => {
  const keys = { accessKeyId: 'ASSUMED', secretAccessKey: 'S2', sessionToken: 'T2' };
  const sts = await startSts({ keys });
  const env = {
    AWS_ACCESS_KEY_ID: 'EXECUTION',
    AWS_SECRET_ACCESS_KEY: 'S',
    AWS_ENDPOINT_URL_STS: sts.url,
  };
  const { assume } = createCredentialSources(config(env), () => Date.now());
  const role = { roleArn: 'arn:aws:iam::123456789012:role/a', externalId: 'x1', sessionName: 's1' };

  expect(await assume(role)()).toMatchObject(keys);
  await sts.close();

  expect(sts.calls).toMatchObject([
    { parameters: { RoleArn: role.roleArn, ExternalId: 'x1', RoleSessionName: 's1' } },
  ]);
  expect(sts.calls[0]?.rawHeaders.join(' ')).toContain('Credential=EXECUTION/');
});

test('keys of a container are asked for where there are no others', async () => {
  const settings = { ...config({}), hasContainerCredentials: true };
  const { execution } = createCredentialSources(settings, () => 0);

  // No endpoint is named, which the SDK says.
  expect(await rejectionOf(execution())).toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    message: 'no credentials for the upstream',
    cause: { name: 'CredentialsProviderError' },
  });
});

test('a source that hangs is given up after eight seconds', async () => {
  jest.useFakeTimers({ now: 0 });
  const provider = cacheCredentials(
    () => new Promise(() => {}),
    () => Date.now(),
  );
  const error = rejectionOf(provider());
  await jest.advanceTimersByTimeAsync(8000);
  jest.useRealTimers();

  expect(await error).toMatchObject({
    code: 'CREDENTIALS_UNAVAILABLE',
    cause: { message: 'no answer within 8000 ms' },
  });
});
