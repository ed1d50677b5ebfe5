/** Counts in memory that outlive an edit of anything but their limit, such as another plugin of the route. */
import type { Share } from '../../../chain/share.ts';

/**
 * @param share undefined keeps nothing
 * @param key of the limit, its owner and its settings
 * @returns what the last limit with this key counts with, while any document that has it is in use
 */
export function keepCounts<T extends object>(
  share: Share | undefined,
  key: unknown,
  create: () => T,
): T {
  if (!share) return create();
  const { kept, registry } = share('counts of limits', createKept);
  const text = JSON.stringify(key);
  const known = kept.get(text)?.deref() as T | undefined;
  if (known) return known;
  const made = create();
  kept.set(text, new WeakRef(made));
  registry.register(made, text);
  return made;
}

/** Weakly: the counts of a limit that is gone go with its document. */
function createKept() {
  const kept = new Map<string, WeakRef<object>>();
  const registry = new FinalizationRegistry<string>((text) => {
    if (!kept.get(text)?.deref()) kept.delete(text);
  });
  return { kept, registry };
}
