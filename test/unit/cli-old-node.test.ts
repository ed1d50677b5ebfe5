import { warnOfOldNode } from '../../cli/terminal/old-node.ts';

function warn(nodeVersion: string, isTTY = true) {
  const env: Record<string, string | undefined> = {};
  let text = '';
  warnOfOldNode({ env, nodeVersion, stderr: { isTTY, write: (line) => (text += line) } });
  return { env, text };
}

test('a Node past its end of life is named once, in one line', () => {
  const { env, text } = warn('20.20.2');

  expect(text).toMatch(/^Node 20\.20\.2 is past its end of life\..*\n$/);
  expect(env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED']).toBe('true');
});

test('scripts get no such line', () => {
  expect(warn('20.20.2', false).text).toBe('');
});

test.each(['22.0.0', '24.21.0', '26.10.0'])('Node %s gets no such line', (version) => {
  const { env, text } = warn(version);

  expect(text).toBe('');
  expect(env).toEqual({});
});
