/** dynalite, DynamoDB's protocol on LevelDB, comes without types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Makes a server that keeps everything in memory and does not listen yet. */
  function dynalite(options: { readonly createTableMs: number }): Server;
  export = dynalite;
}
