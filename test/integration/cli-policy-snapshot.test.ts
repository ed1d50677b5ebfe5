/** `policy` for a proxy that reads a snapshot: its role needs nothing of Parameter Store. */
import {
  type ParameterStore,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { countersign, jsonOf } from '../support/cli.ts';
import { account } from '../support/fake-iam.ts';

const root = '/countersign/local';
const key = `arn:aws:kms:us-east-1:${account}:key/abc`;
let store: ParameterStore;

beforeAll(async () => {
  store = await startParameterStore();
});
afterAll(() => store.close());

interface Reported {
  readonly policy: { readonly Statement: readonly object[] };
  readonly remarks: readonly string[];
}

const policy = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  countersign(store.url, ['policy', '--no-lookup', '--account', account, ...args], { env });

it('asks for the snapshot and its key, by option or variable', async () => {
  const uri = `s3://snapshots/v1${root}`;
  const runs = await Promise.all([
    policy(['--json', '--snapshot', uri], { COUNTERSIGN_SNAPSHOT_KEY: key }),
    policy(['--json'], { COUNTERSIGN_SNAPSHOT_KEY: key, COUNTERSIGN_SNAPSHOT_URI: uri }),
  ]);
  for (const run of runs) {
    const { policy: document, remarks } = jsonOf<Reported>(run);
    expect(remarks).toEqual([]);
    expect(document.Statement).toEqual([
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::snapshots/v1${root}` },
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: 'arn:aws:s3:::snapshots',
        Condition: { StringEqualsIfExists: { 's3:prefix': `v1${root}` } },
      },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: key,
        Condition: { StringEquals: { 'kms:EncryptionContext:countersign:root': root } },
      },
    ]);
  }
});

it('says which key of a snapshot it does not know', async () => {
  const run = await policy(['--json', '--snapshot', `s3://snapshots/v1${root}`]);
  expect(jsonOf<Reported>(run).remarks).toEqual([
    expect.stringContaining('COUNTERSIGN_SNAPSHOT_KEY'),
  ]);
});

it('says what a snapshot is written like', async () => {
  const run = await policy(['--snapshot', 'snapshots']);
  expect([run.status, run.stderr]).toEqual([
    2,
    expect.stringContaining('--snapshot: found snapshots, expected s3://<bucket>/<key>.'),
  ]);
});
