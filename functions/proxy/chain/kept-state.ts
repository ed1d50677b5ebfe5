/**
 * State in memory, such as the counts of a limit. It belongs to an owner with its settings, and outlives edits of anything else,
 * such as another plugin of the route.
 */
import type { Share } from './share.ts';

/**
 * @param share undefined keeps nothing
 * @param key its owner and its settings
 * @returns the state that was made for this key, while any document that has it is in use
 */
export function keepState<T extends object>(
  share: Share | undefined,
  key: unknown,
  create: () => T,
): T {
  if (!share) return create();
  const { kept, registry } = share('kept state', createKept);
  const text = JSON.stringify(key);
  const known = kept.get(text)?.deref() as T | undefined;
  if (known) return known;
  const made = create();
  kept.set(text, new WeakRef(made));
  registry.register(made, text);
  return made;
}

/** Weakly: the state goes with the last document that has it. */
function createKept() {
  const kept = new Map<string, WeakRef<object>>();
  const registry = new FinalizationRegistry<string>((text) => forget(kept, text));
  return { kept, registry };
}

/** Takes away what is gone; the key may stand for newer state by now. */
export function forget(kept: Map<string, Pick<WeakRef<object>, 'deref'>>, text: string): void {
  if (!kept.get(text)?.deref()) kept.delete(text);
}
