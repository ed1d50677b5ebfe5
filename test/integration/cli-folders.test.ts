/** Documents in folders, files and editors. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersign } from '../support/cli.ts';
import { acme, type CliStore, orders, startCliStore } from '../support/cli-store.ts';

let store: CliStore;

beforeEach(async () => {
  store = await startCliStore();
});

afterEach(() => store.close());

const run = (...args: string[]) => countersign(store.url, args);

describe('a folder', () => {
  const versions = () => ['orders', 'new', 'old'].map((id) => store.read(`routes/${id}`)?.Version);

  beforeEach(() => {
    store.put('routes/orders', orders(5000));
    store.put('routes/old', { uri: '/old' });
  });

  it('is put after its plan: added, changed, and with --prune removed', async () => {
    const folder = store.folder({ 'orders.json': orders(6000), 'new.json': { uri: '/new' } });
    const { status, stdout } = await run('routes', 'put', folder, '--prune', '--yes');

    expect(status).toBe(0);
    expect(stdout).toMatch(/^\+ routes\/new$/m);
    expect(stdout).toMatch(/^~ routes\/orders {2}\(version 1\)$/m);
    expect(stdout).toMatch(/^- routes\/old {2}\(version 1\)$/m);
    expect(stdout).toContain('Plan: 1 to add, 1 to change, 1 to remove.');
    expect(versions()).toEqual([2, 1, undefined]);
  });

  it('removes nothing without --prune', async () => {
    const folder = store.folder({ 'orders.json': orders(6000) });
    await run('routes', 'put', folder, '--yes');

    expect(versions()).toEqual([2, undefined, 1]);
  });

  it('needs a yes', async () => {
    const folder = store.folder({ 'orders.json': orders(6000) });
    const alone = await run('routes', 'put', folder);
    const no = await countersign(store.url, ['routes', 'put', folder], { answers: [false] });

    expect(no.stderr).toMatch(/^Nothing was written\.$/m);
    expect(no.stderr).not.toContain('Error:');
    expect([alone.status, no.status, store.calls('PutParameter')]).toEqual([7, 7, 0]);
    const yes = await countersign(store.url, ['routes', 'put', folder], { answers: [true] });
    expect([yes.status, store.calls('PutParameter')]).toEqual([0, 1]);
  });

  it('that was exported goes back unchanged', async () => {
    const folder = join(store.folder(), 'routes');
    await run('routes', 'export', folder);
    const { stdout } = await run('routes', 'put', folder, '--prune');

    expect(stdout).toContain('Nothing to change.');
    expect(JSON.parse(readFileSync(join(folder, 'orders.json'), 'utf8'))).toEqual(orders(5000));
  });

  it('that was exported does not undo what others have written since, unless it is forced', async () => {
    const folder = join(store.folder(), 'routes');
    await run('routes', 'export', folder);
    writeFileSync(join(folder, 'orders.json'), JSON.stringify(orders(7000)));
    store.put('routes/orders', orders(6000));
    store.put('routes/new', { uri: '/new' });

    const refused = await run('routes', 'put', folder, '--prune', '--yes');
    expect(refused.status).toBe(4);
    expect(refused.stderr).toContain('orders: exported from version 1, now version 2');
    expect(refused.stderr).toContain('new: exported from no such document, now version 1');

    expect((await run('routes', 'put', folder, '--prune', '--yes', '--force')).status).toBe(0);
    expect(versions()).toEqual([3, undefined, 1]);
  });

  it('that was exported may lose a file, and lose the document later', async () => {
    const folder = join(store.folder(), 'routes');
    await run('routes', 'export', folder);
    rmSync(join(folder, 'old.json'));
    writeFileSync(join(folder, 'orders.json'), JSON.stringify(orders(6000)));
    await run('routes', 'put', folder, '--yes');

    expect((await run('routes', 'put', folder, '--prune', '--yes')).status).toBe(0);
    expect(versions()).toEqual([2, undefined, undefined]);
  });

  it('that was exported may be put again and again', async () => {
    const folder = join(store.folder(), 'routes');
    await run('routes', 'export', folder);
    for (const timeout of [6000, 7000]) {
      writeFileSync(join(folder, 'orders.json'), JSON.stringify(orders(timeout)));
      expect((await run('routes', 'put', folder, '--yes')).status).toBe(0);
    }
    expect(versions()).toEqual([3, undefined, 1]);
  });
});

describe('export and put', () => {
  it('carry every document, exactly, to another proxy', async () => {
    store.put('routes/orders', orders(5000));
    store.put('routes/team/a', { uri: '/a' });
    const folder = join(store.folder(), 'routes');
    await run('routes', 'export', folder);
    const other = ['--path', '/countersign/other'];
    await run('routes', 'put', folder, '--yes', ...other);
    const show = async (id: string) =>
      JSON.parse((await run('routes', 'show', id, ...other)).stdout);

    expect(await show('orders')).toEqual(orders(5000));
    expect(await show('team/a')).toEqual({ uri: '/a' });
  });

  it('do not overwrite files with other content', async () => {
    store.put('routes/orders', orders(5000));
    const folder = store.folder({ 'orders.json': 'mine' });
    const { status } = await run('routes', 'export', folder);

    expect([status, readFileSync(join(folder, 'orders.json'), 'utf8')]).toEqual([4, 'mine']);
  });

  it('write consumers for their owner’s eyes only', async () => {
    store.put('consumers/acme', acme('open-sesame'), 'SecureString');
    const folder = join(store.folder(), 'consumers');
    const { stderr } = await run('consumers', 'export', folder);

    expect(statSync(join(folder, 'acme.json')).mode & 0o077).toBe(0);
    expect(stderr).toContain('The files contain secrets in clear text.');
  });

  it('write nothing outside the folder, for any name of a parameter', async () => {
    store.put('routes/../../evil', orders(5000));
    const folder = join(store.folder(), 'a', 'b');
    const { stderr } = await run('routes', 'export', folder);

    expect(existsSync(join(folder, '..', '..', 'evil.json'))).toBe(false);
    expect(stderr).toContain('/routes/../../evil is left out');
  });
});

describe('edit', () => {
  const edit = (editor: string, answers?: readonly boolean[]) =>
    countersign(store.url, ['routes', 'edit', 'orders'], {
      env: { EDITOR: editor },
      ...(answers && { answers }),
    });

  beforeEach(() => store.put('routes/orders', orders(5000)));

  it('opens $EDITOR on the document and writes what comes out', async () => {
    const { status } = await edit('sed -i.bak s/5000/6000/');

    expect([status, store.read('routes/orders')?.Value]).toEqual([
      0,
      JSON.stringify(orders(6000), null, 2),
    ]);
  });

  it('writes nothing when nothing was changed, or when the editor fails', async () => {
    expect((await edit('true')).stdout).toContain('Nothing was changed.');
    expect((await edit('false')).status).toBe(2);
    expect(store.calls('PutParameter')).toBe(0);
  });

  it('offers to edit an invalid document again, with what was typed', async () => {
    const script =
      'f() { if grep -q 5000 "$1"; then sed -i.bak s/5000/50/ "$1"; else sed -i.bak s/50/8000/ "$1"; fi; }; f';
    const { status, stderr } = await edit(script, [true]);

    expect(status).toBe(0);
    expect(stderr).toContain('orders.json:9:7  /plugins/aws-lambda/timeout: found 50');
    expect(store.read('routes/orders')?.Value).toContain('8000');
  });

  it.each([
    ['a no', [false]],
    ['nobody to ask', undefined],
  ])('keeps what was typed after %s, and says how to put it', async (_, answers) => {
    const { status, stderr } = await edit('sed -i.bak s/5000/50/', answers);
    const kept = /Your text is still there: npx countersign routes put (\S+) --id orders/.exec(
      stderr,
    );

    expect(status).toBe(3);
    expect(readFileSync(kept?.[1] ?? '', 'utf8')).toContain('"timeout": 50');
  });

  it('keeps the edited text if another writer was faster', async () => {
    store.intercept('GetParameter', () => {
      if (store.calls('GetParameter') === 2) store.put('routes/orders', orders(7000));
      return undefined;
    });
    const { status, stderr } = await edit('sed -i.bak s/5000/6000/');
    const kept = /Your text is still there: npx countersign routes put (\S+) --id orders/.exec(
      stderr,
    );

    expect(status).toBe(4);
    expect(existsSync(kept?.[1] ?? '')).toBe(true);
    expect(store.read('routes/orders')?.Value).toContain('7000');
  });

  it('begins a document that there is not yet with a template', async () => {
    const args = ['routes', 'edit', 'invoices'];
    const env = { EDITOR: 'sed -i.bak s/YOUR-FUNCTION/abcdefghij/' };
    const { status, stderr } = await countersign(store.url, args, { env });

    expect(status).toBe(0);
    expect(stderr).toContain('There is no route invoices yet: this is a template.');
    expect(store.read('routes/invoices')?.Value).toContain('"uri": "/invoices/*"');
  });
});
