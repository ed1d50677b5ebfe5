/** The two kinds of documents, which the same verbs act on. */
import { type CompileContext, compileDocument } from '../../functions/proxy/routes/compile.ts';

export type KindName = 'routes' | 'consumers';

export interface Kind {
  /** Name of the command, and of the folder below the root path. */
  readonly name: KindName;
  readonly singular: string;
  /** How a new parameter is stored; consumers hold credentials. */
  readonly type: 'String' | 'SecureString';
  /** What an id is called in `--help`. */
  readonly idName: string;
  /** As the proxy does; throws a DocumentError. */
  readonly compile: (
    document: unknown,
    context: CompileContext,
  ) => Promise<{ readonly warnings: readonly string[] }>;
}

export const kinds: Readonly<Record<KindName, Kind>> = {
  routes: {
    name: 'routes',
    singular: 'route',
    type: 'String',
    idName: 'id',
    compile: compileDocument,
  },
  consumers: {
    name: 'consumers',
    singular: 'consumer',
    type: 'SecureString',
    idName: 'username',
    compile: compileDocument,
  },
};
