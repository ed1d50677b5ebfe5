/** @returns what a parameter's value is by its name, undefined for anything but a document */
export function toKind(name: string, root: string): 'route' | 'consumer' | undefined {
  if (name.startsWith(`${root}/routes/`)) return 'route';
  return name.startsWith(`${root}/consumers/`) ? 'consumer' : undefined;
}
