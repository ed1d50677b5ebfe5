/**
 * Closes the resources of a test after it, and those of a `beforeAll` after the file, also if a test fails earlier. So
 * nothing keeps Jest running, and no environment refreshes during later tests.
 */
const open = new Set<() => Promise<unknown>>();
let openInTest = new Set<() => Promise<unknown>>();
let isInTest = false;

// Scripts that use these helpers without Jest close their resources themselves.
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

/** Starts what lasts until the end of the file, though a test asks for it first. */
export async function openForFile<T>(start: () => Promise<T>): Promise<T> {
  const wasInTest = isInTest;
  isInTest = false;
  try {
    return await start();
  } finally {
    isInTest = wasInTest;
  }
}

/** @returns a function that closes once. It is called at the end of the test or of the file at the latest */
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
