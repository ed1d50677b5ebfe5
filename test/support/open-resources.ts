/**
 * What tests open is closed after the test that opened it, or after the file if a `beforeAll` did, also when a test fails
 * before it gets there: nothing holds Jest open, and no environment goes on refreshing behind the tests that follow.
 */
const open = new Set<() => Promise<unknown>>();
let openInTest = new Set<() => Promise<unknown>>();
let isInTest = false;

// Scripts that use the same helpers run without Jest and close what they open.
globalThis.beforeEach?.(() => {
  isInTest = true;
});
globalThis.afterEach?.(async () => {
  isInTest = false;
  const closing = openInTest;
  openInTest = new Set();
  await Promise.all([...closing].map((close) => close()));
});
globalThis.afterAll?.(async () => {
  await Promise.all([...open].map((close) => close()));
});

/** @returns a close that counts once, called for by the end of the test or of the file at the latest */
export function closeAtEnd(close: () => Promise<unknown>): () => Promise<void> {
  const once = async () => {
    openInTest.delete(once);
    if (!open.delete(once)) return;
    await close();
  };
  open.add(once);
  if (isInTest) openInTest.add(once);
  return once;
}
