/** One judge of documents for the construct and the CLI. */
import { createInertServices } from '../../functions/proxy/plugins/inert-services.ts';
import { type JudgeContext, judgeDocument } from '../../functions/proxy/routes/judge.ts';
import { documentOf, functionUri, lambdaDocument, rules } from '../support/documents.ts';

const judge = (document: unknown, parts: Partial<JudgeContext> = {}) =>
  judgeDocument(document, {
    parameter: '/countersign/test/routes/a',
    kind: 'route',
    references: { rules, readSecret: () => undefined, readVariable: () => undefined },
    services: createInertServices({ region: 'eu-west-1', allowedHosts: [], limitTable: undefined }),
    requireAccessPlugin: false,
    isAssumed: () => false,
    ...parts,
  });

const pointers = (judgement: ReturnType<typeof judge>) =>
  judgement.issues.map(({ pointer }) => pointer);

test('a document that would be in force has no issue, and is compiled', () => {
  const { issues, error, compiled } = judge(documentOf());

  expect([issues, error]).toEqual([[], undefined]);
  expect(compiled?.routes.map(({ id }) => id)).toEqual(['a']);
});

test('a malformed document has its issues, and is not compiled', () => {
  const judgement = judge(lambdaDocument({ function_uri: functionUri, timeout: -1 }));

  expect(pointers(judgement)).toEqual(['/plugins/aws-lambda/timeout']);
  expect(judgement.error?.issues).toEqual(judgement.issues);
  expect(judgement.compiled).toBeUndefined();
});

test('a reference to a secret that does not exist is an issue', () => {
  const judgement = judge(lambdaDocument({ function_uri: '$secret://ssm/none' }));

  expect(pointers(judgement)).toEqual(['/plugins/aws-lambda/function_uri']);
});

test('an issue with an assumed value does not count, but the error keeps it', () => {
  const document = lambdaDocument({ function_uri: functionUri, timeout: -1, ssl_verify: 'later' });
  const judgement = judge(document, {
    isAssumed: (written) => written === 'later',
  });

  expect(pointers(judgement)).toEqual(['/plugins/aws-lambda/timeout']);
  expect(judgement.error?.issues).toHaveLength(2);
});

test('whether a value is assumed is asked of the document as it is written', () => {
  const { issues, compiled } = judge(lambdaDocument({ function_uri: 'stand-in' }), {
    written: lambdaDocument({ function_uri: 'token' }),
    isAssumed: (written) => written === 'token',
  });

  expect([issues, compiled]).toEqual([[], undefined]);
});

test('inert services give no credentials', async () => {
  const { credentials } = createInertServices({
    ...{ region: 'eu-west-1', allowedHosts: [], limitTable: undefined },
  });

  await expect(credentials.execution()).rejects.toThrow('needs no credentials');
});
