/** A clock that runs faster, for what a proxy does in minutes. */

const preload = (factor: number) => `const RealDate = Date;
const began = RealDate.now();
const now = () => began + (RealDate.now() - began) * ${factor};
globalThis.Date = class extends RealDate {
  constructor(...parts) { if (parts.length === 0) super(now()); else super(...parts); }
  static now() { return now(); }
};
const wait = globalThis.setTimeout;
globalThis.setTimeout = (callback, ms, ...rest) => wait(callback, ms / ${factor}, ...rest);`;

/** @returns `NODE_OPTIONS` of an environment whose clock and timers run faster by a factor */
export function fastClock(factor: number): string {
  return `--import data:text/javascript,${encodeURIComponent(preload(factor))}`;
}
