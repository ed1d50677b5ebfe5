/** A document in force, and which of its parts are withheld. */
import type { CompiledDocument } from './compile.ts';

/** What one version of a document asks for. */
export interface Demands {
  readonly version: number;
  /** False for a text that is no JSON: it may ask for more than can be read of it. */
  readonly isWhole: boolean;
  readonly isList: boolean;
  /** One for each route or consumer that shows plugins, or is switched off. */
  readonly list: readonly Demand[];
  /** Ids of all its routes or consumers; contains undefined if an item of a list has no id. */
  readonly ids: ReadonlySet<string | undefined>;
}

/** What one route or consumer of a version asks for. */
export interface Demand {
  /** Undefined if an item of a list has no id. */
  readonly id: string | undefined;
  /** Enabled plugins that can keep clients out, and whether their settings ask them to. */
  readonly accessPlugins: ReadonlyMap<string, boolean>;
  /** `status: 0` */
  readonly isOff: boolean;
  /** Keys of the shared objects that it names: they may hold access plugins. */
  readonly links: readonly string[];
}

/** A route or consumer of the last valid version that is less guarded than a newer version asks for. */
export interface Withheld {
  readonly id: string;
  /** Names of plugins, keys of shared objects (`service/orders`), and `status: 0`; `removal` where the newer version leaves it out of a list. */
  readonly lacks: readonly string[];
  /** The version that asks for them. */
  readonly askedBy: number;
}

/** A document as it is in force: which version of it, and what of that version is withheld. */
export interface DocumentInForce extends CompiledDocument {
  readonly parameter: string;
  /** Version of the parameter that is in force, not always the newest. 0 if only places or headers of a malformed version are known. */
  readonly version: number;
  /** Text of that version; empty if there is none. */
  readonly text: string;
  /** Parts that have fewer guards than a newer, malformed version asks for; they answer 503. */
  readonly withheld: readonly Withheld[];
  /** The same document with nothing withheld; undefined if nothing is. */
  readonly whole?: DocumentInForce;
  readonly digest: string;
  /** The shared objects that it names, as text; '' for a document that names none. */
  readonly linked: string;
  /** Whether it was compiled as one without open routes. */
  readonly isStrict?: boolean | undefined;
}
