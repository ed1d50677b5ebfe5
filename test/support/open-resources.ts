/** What tests open is closed after each file, also when a test fails before it gets there: nothing holds Jest open. */
const open = new Set<() => Promise<unknown>>();

// Scripts that use the same helpers run without Jest and close what they open.
globalThis.afterAll?.(async () => {
  await Promise.all([...open].map((close) => close()));
});

/** @returns a close that counts once, called for by the end of the file at the latest */
export function closeAtEnd(close: () => Promise<unknown>): () => Promise<void> {
  const once = async () => {
    if (!open.delete(once)) return;
    await close();
  };
  open.add(once);
  return once;
}
