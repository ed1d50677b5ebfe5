/** A line on stderr while something takes longer than a second, on a terminal only. */
import type { Host } from './host.ts';

/** Shows what the command is doing. */
export interface Progress {
  /** Shows `text` while `work` runs, from the first second on. */
  during<T>(text: string, work: () => Promise<T>): Promise<T>;
  /** Removes the line, before something else is printed. The next second shows it again. */
  clear(): void;
}

const beginMs = 1000;
const eraseLine = '\r\u001b[K';

/** Creates the progress line of a command. Without a terminal it shows nothing. */
export function createProgress(stderr: Host['stderr'], isQuiet: boolean): Progress {
  if (!stderr.isTTY || isQuiet) return { during: (_, work) => work(), clear: () => {} };
  let isShown = false;
  const clear = () => {
    if (isShown) stderr.write(eraseLine);
    isShown = false;
  };
  return {
    clear,
    async during(text, work) {
      const startMs = Date.now();
      const timer = setInterval(() => {
        const seconds = Math.round((Date.now() - startMs) / 1000);
        stderr.write(`${eraseLine}${text} … ${seconds} s`);
        isShown = true;
      }, beginMs);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        clear();
      }
    },
  };
}
