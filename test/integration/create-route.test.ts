/** The custom resource that creates routes, as built: CloudFormation's events in, its answers and the parameters out. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listen, readBody } from '../../local/http-server.ts';
import type { SsmError } from '../../local/parameter-store/ssm-error.ts';
import { type ParameterStore, startParameterStore } from '../../local/parameter-store.ts';
import { closeAtEnd } from '../support/open-resources.ts';

const built = join(import.meta.dirname, '..', '..', 'dist', 'create-route', 'index.mjs');
const name = '/edge/routes/orders';
const written = '{"uri":"/orders/*"}';
const edited = '{"uri":"/orders/*","status":0}';

interface Answer {
  readonly Status: string;
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

describe('the custom resource of a route', () => {
  let store: ParameterStore;
  let cloudFormation: { readonly url: string; close(): Promise<void> };
  const answers: { readonly body: Record<string, unknown>; readonly type: string | undefined }[] =
    [];
  const logged: string[] = [];
  let refuse: string | undefined;

  beforeAll(async () => {
    const server: Server = createServer(async (request, response) => {
      const body = JSON.parse(String(await readBody(request, 10_000)));
      answers.push({ body, type: request.headers['content-type'] });
      response.end();
    });
    const listening = await listen(server, {});
    cloudFormation = { url: listening.url, close: closeAtEnd(listening.close) };
  });

  afterAll(() => cloudFormation.close());

  beforeEach(async () => {
    answers.length = 0;
    logged.length = 0;
    refuse = undefined;
    const { close, ...rest } = await startParameterStore({
      intercept: (operation) =>
        operation === refuse ? { type: 'AccessDeniedException' } : undefined,
    });
    store = { ...rest, close: closeAtEnd(close) };
  });

  afterEach(() => store.close());

  /** Runs the function as Lambda would, with one event, and returns what CloudFormation was told. */
  async function send(
    type: 'Create' | 'Update' | 'Delete',
    { id, value = written, parameter = name }: { id?: string; value?: string; parameter?: string },
  ): Promise<Answer> {
    const event = {
      RequestType: type,
      ResponseURL: `${cloudFormation.url}/answer?signature=marked`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Route',
      ...(id !== undefined && { PhysicalResourceId: id }),
      ResourceProperties: { Name: parameter, Value: value },
    };
    const script = `import { handler } from ${JSON.stringify(built)}; await handler(${JSON.stringify(event)});`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script],
      {
        env: {
          AWS_REGION: 'eu-west-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_ENDPOINT_URL_SSM: store.url,
        },
      },
    );
    logged.push(stdout);
    expect(answers).toHaveLength(1);
    const [answer] = answers.splice(0);
    expect(answer?.type).toBeUndefined();
    expect(answer?.body).toMatchObject({
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Route',
    });
    return answer?.body as unknown as Answer;
  }

  const put = (value: string) =>
    store.call('PutParameter', { Name: name, Value: value, Type: 'String', Overwrite: true });
  const read = (parameter = name) => {
    try {
      const { Parameter } = store.call('GetParameter', { Name: parameter }) as {
        readonly Parameter: { readonly Value: string };
      };
      return Parameter.Value;
    } catch (error) {
      return (error as SsmError).type;
    }
  };

  it('creates the document', async () => {
    const answer = await send('Create', {});

    expect(answer.Status).toBe('SUCCESS');
    expect(read()).toBe(written);
  });

  it('leaves a document that exists as it is, and calls that a success', async () => {
    put(edited);

    expect((await send('Create', {})).Status).toBe('SUCCESS');
    expect(read()).toBe(edited);
  });

  it("never overwrites an operator's edit, whatever the stack's document becomes", async () => {
    const { PhysicalResourceId: id } = await send('Create', {});
    put(edited);

    const answer = await send('Update', { id, value: '{"uri":"/orders/v2/*"}' });

    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: id });
    expect(read()).toBe(edited);
  });

  it('does not write a document that nobody has edited either: it is created once', async () => {
    const { PhysicalResourceId: id } = await send('Create', {});

    await send('Update', { id, value: '{"uri":"/orders/v2/*"}' });

    expect(read()).toBe(written);
  });

  it('creates a document under a new name, and lets CloudFormation delete the old one', async () => {
    const { PhysicalResourceId: id } = await send('Create', {});
    const moved = { id, parameter: '/edge/routes/moved' };

    const { PhysicalResourceId: next } = await send('Update', moved);
    expect(next).not.toBe(id);
    await send('Delete', { id });

    expect([read(), read('/edge/routes/moved')]).toEqual(['ParameterNotFound', written]);
  });

  it('deletes with its stack what is as it was created', async () => {
    const { PhysicalResourceId: id } = await send('Create', {});

    expect((await send('Delete', { id })).Status).toBe('SUCCESS');
    expect(read()).toBe('ParameterNotFound');
  });

  it('deletes it also after the document of the stack has changed', async () => {
    const { PhysicalResourceId: id } = await send('Create', {});
    const value = '{"uri":"/orders/v2/*"}';
    await send('Update', { id, value });

    await send('Delete', { id, value });
    expect(read()).toBe('ParameterNotFound');
  });

  it.each([
    ['was edited', edited],
    ['was edited and edited back', written],
  ])('leaves behind what %s', async (_, last) => {
    const { PhysicalResourceId: id } = await send('Create', {});
    put(edited);
    put(last);

    expect((await send('Delete', { id })).Status).toBe('SUCCESS');
    expect(read()).toBe(last);
  });

  it('leaves behind what was there before it', async () => {
    put(edited);
    const { PhysicalResourceId: id } = await send('Create', {});

    await send('Delete', { id });
    expect(read()).toBe(edited);
  });

  it('has nothing to delete where an operator has done so, or where creating failed', async () => {
    const { PhysicalResourceId: id } = await send('Create', {});
    store.call('DeleteParameter', { Name: name });

    expect((await send('Delete', { id })).Status).toBe('SUCCESS');
    expect((await send('Delete', { id: 'not-created' })).Status).toBe('SUCCESS');
  });

  it('gives up what its role may no longer delete, instead of blocking the stack', async () => {
    const { PhysicalResourceId: id } = await send('Create', {});
    refuse = 'GetParameter';

    expect((await send('Delete', { id })).Status).toBe('SUCCESS');
    expect(read()).toBe(written);
  });

  it('fails the deployment, with the reason, where a document cannot be created', async () => {
    refuse = 'PutParameter';

    const answer = await send('Create', {});

    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'not-created' });
    expect(answer.Reason).toContain('AccessDeniedException');
  });

  it('logs the name, and neither the document nor the address of the answer', async () => {
    await send('Create', {});

    expect(logged.join('')).toContain(name);
    expect(logged.join('')).not.toMatch(/uri|marked/);
  });
});
