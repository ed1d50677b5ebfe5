/** `invoke` against upstreams that demand a signature, by a verifier that shares no code with the signer. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_CREDENTIALS } from '../../local/stack/credentials.ts';
import { countersign, jsonOf, spawnCountersign, startCountersign } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { createVerifier, type Received, startUpstream } from '../support/upstream.ts';

/** On this machine, so that the local stack's region and keys are taken; nothing is asked of it. */
const store = 'http://127.0.0.1:9';

const invoke = (args: readonly string[], stdin: string | Buffer = '') =>
  countersign(store, ['invoke', ...args], { stdin });

const startSigned = (answer?: Parameters<typeof startUpstream>[0]) =>
  startUpstream({ verifier: createVerifier('execute-api'), ...answer });

it('signs path, query, headers and body as they are typed, and prints the body alone', async () => {
  const upstream = await startSigned({ answer: (_, response) => void response.end('hello\n') });
  const url = `${upstream.url}/a%2Fb//c?z=1&a=x+y&flag&p=100%`;
  const run = await invoke(['PATCH', url, '-H', 'Content-Type: text/plain', '-d', 'bödy']);

  expect(run).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
  const received: Received = upstream.only();
  expect(received.verification).toMatchObject({ ok: true });
  expect([received.method, received.target]).toEqual([
    'PATCH',
    '/a%2Fb//c?z=1&a=x%20y&flag&p=100%',
  ]);
  expect(received.header('content-type')).toBe('text/plain');
  expect(received.body.toString()).toBe('bödy');
});

it('takes a URL without a method for GET, and for POST with a body', async () => {
  const upstream = await startSigned();
  await invoke([upstream.url]);
  await invoke([upstream.url, '-d', '{}']);

  expect(upstream.received.map(({ method }) => method)).toEqual(['GET', 'POST']);
});

it('prints status and headers before the body with -i', async () => {
  const upstream = await startSigned({
    answer: (_, response) => void response.writeHead(201, { 'x-own': 'yes' }).end('made'),
  });
  const { stdout } = await invoke(['POST', upstream.url, '-i']);

  expect(stdout).toMatch(/^HTTP\/1\.1 201 Created\r\nx-own: yes\r\n/);
  expect(stdout).toMatch(/\r\n\r\nmade$/);
});

it('prints status, headers and body as JSON, other bytes than text as base64', async () => {
  const bytes = Buffer.from([0, 255, 254]);
  const upstream = await startSigned({ answer: (_, response) => void response.end(bytes) });
  const answer = jsonOf<Record<string, unknown>>(await invoke(['GET', upstream.url, '--json']));

  expect(answer).toMatchObject({ status: 200, body: 'AP/+', isBase64Encoded: true });
});

it('passes bytes on as they are, from a file and from standard input', async () => {
  const bytes = Buffer.from([0, 255, 10, 13, 254]);
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  const file = join(folder, 'body');
  await writeFile(file, bytes);
  const upstream = await startSigned();
  await invoke(['POST', upstream.url, '-d', `@${file}`]);
  await invoke(['POST', upstream.url, '-d', '@-'], bytes);
  await rm(folder, { recursive: true });

  expect(upstream.received.map(({ body }) => body)).toEqual([bytes, bytes]);
  expect(upstream.received.map(({ verification }) => verification?.ok)).toEqual([true, true]);
});

it('prints an answer as it arrives', async () => {
  let finish = () => {};
  const upstream = await startSigned({
    answer: (_, response) => {
      response.write('first');
      finish = () => response.end(' last');
    },
  });
  const running = startCountersign(store, ['invoke', 'GET', upstream.url]);
  await eventually(() => running.stdout() === 'first');
  finish();

  expect(await running.ended).toMatchObject({ status: 0, stdout: 'first last' });
});

describe('an answer that tells of an error', () => {
  it('is printed, and ends with status 1', async () => {
    const upstream = await startSigned({
      answer: (_, response) => void response.writeHead(404).end('no such thing'),
    });

    expect(await invoke(['GET', upstream.url])).toEqual({
      ...{ status: 1, stdout: 'no such thing', stderr: '' },
    });
  });

  it('comes with what was signed, when the signature is refused', async () => {
    const upstream = await startSigned();
    const run = await invoke(['GET', upstream.url, '--service', 'lambda']);
    const hint =
      'The name of the host does not tell its service. If it is an API of API Gateway, try --service execute-api.';

    expect(run.status).toBe(1);
    expect(run.stderr).toBe(
      `InvalidSignatureException: the call was signed with ${LOCAL_CREDENTIALS.accessKeyId} for region us-east-1 and service lambda.\n${hint}\n`,
    );
    expect(run.stderr).not.toContain(LOCAL_CREDENTIALS.sessionToken);
  });

  it('names --service lambda when a function URL refuses a signature for execute-api', async () => {
    const upstream = await startUpstream({ verifier: createVerifier('lambda') });
    const run = await invoke(['GET', upstream.url]);

    expect(run.status).toBe(1);
    expect(run.stderr).toContain('If it is a function URL, try --service lambda.');
  });
});

describe('no answer', () => {
  it.each([
    [
      'cuts the body',
      (response: { write(t: string): void; destroy(): void }) => {
        response.write('part');
        setImmediate(() => response.destroy());
      },
      ...['breaks off its answer', '60'],
    ],
    ['says nothing', () => {}, 'does not answer in time', '0.2'],
  ])('from a peer that %s is a sentence and status 5', async (_, act, sentence, timeout) => {
    const upstream = await startSigned({ answer: (_received, response) => act(response) });
    const run = await invoke(['GET', upstream.url, '--timeout', timeout]);

    expect(run.status).toBe(5);
    expect(run.stderr).toContain(`${new URL(upstream.url).host} ${sentence}`);
  });

  it('where nothing listens', async () => {
    const upstream = await startSigned();
    await upstream.close();
    const run = await invoke(['GET', upstream.url]);

    expect(run.status).toBe(5);
    expect(run.stderr).toContain('cannot be reached: connect ECONNREFUSED');
  });
});

it('sends a signature only to AWS’s hosts, or with explicit service and region', async () => {
  const run = await invoke(['GET', 'https://example.com/']);

  expect(run.status).toBe(2);
  expect(run.stderr).toContain('example.com is not a known AWS endpoint');
  expect(run.stderr).toContain('give both --service and --region');
});

describe('in a process of its own', () => {
  const spawn = (url: string, variables: Readonly<Record<string, string>>) =>
    spawnCountersign(['invoke', 'GET', url], {
      env: {
        ...{ HOME: '/nonexistent', AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
        ...variables,
      },
    });

  it('it signs with the keys of the environment', async () => {
    const upstream = await startSigned();
    const { accessKeyId, secretAccessKey, sessionToken } = LOCAL_CREDENTIALS;
    const run = await spawn(upstream.url, {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    });

    expect(run).toEqual({ status: 0, stdout: 'ok', stderr: '' });
  });

  it('it says so when there are none, and sends nothing', async () => {
    const upstream = await startSigned();
    const run = await spawn(upstream.url, {});

    expect(upstream.received).toEqual([]);
    expect([run.status, run.stderr]).toEqual([5, expect.stringContaining('No AWS credentials')]);
  });
});
