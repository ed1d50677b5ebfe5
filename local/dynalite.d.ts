/** dynalite implements DynamoDB's protocol on LevelDB, and has no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Creates a server that keeps everything in memory and does not listen yet. */
  function dynalite(options: { readonly createTableMs: number }): Server;
  export = dynalite;
}
