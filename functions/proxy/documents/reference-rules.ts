/**
 * What a document may refer to. Who may write a route is not who may read every secret: a reference puts a value into a
 * header that goes wherever the route's author says.
 */

/** What documents may refer to by `$secret://` and `$env://` (docs/route-documents.md, "References"). */
export interface ReferenceRules {
  /** Root path of the documents, without trailing slash. */
  readonly root: string;
  /** Absolute names below these may be referred to, as well as the names themselves. */
  readonly secretPaths: readonly string[];
  /** Name of the parameter that proves the edge to the proxy; undefined where there is no edge. */
  readonly originSecret: string | undefined;
  /** Environment variables whose names begin with it may be referred to. */
  readonly envPrefix: string;
}

/** A reference that may be followed, with the name that it stands for; otherwise what was expected of it. */
export type Ruling = { readonly name: string } | { readonly expected: string };

/** Default of `COUNTERSIGN_ENV_PREFIX`: documents may refer to environment variables whose names begin with it. */
export const defaultEnvPrefix = 'COUNTERSIGN_VAR_';
/**
 * Path below which Parameter Store returns secrets of Secrets Manager (Systems Manager User Guide, "Referencing AWS
 * Secrets Manager secrets from Parameter Store parameters").
 */
export const secretsManagerPath = '/aws/reference/secretsmanager';

/** The keys of the role: no prefix makes them readable. */
const credentialVariables = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
]);
/** No `:` in it: versions, labels and ARNs are other spellings of a name, and no rule would know them again. */
const nameShape = /^\/?[\w.+=@-]+(?:\/[\w.+=@-]+)*$/;
const dotSegment = /(?:^|\/)\.{1,2}(?:\/|$)/;

/** @param written what stands behind `$secret://ssm/`: absolute when it begins with `/` */
export function judgeSecret(written: string, rules: ReferenceRules): Ruling {
  const { root, secretPaths, originSecret } = rules;
  const secrets = `${root}/secrets`;
  if (!isName(written)) {
    return { expected: 'the name of a parameter: no version, label, ARN, `.`, `..` or empty part' };
  }
  const name = written.startsWith('/') ? written : `${secrets}/${written}`;
  if (originSecret !== undefined && fold(name) === fold(originSecret)) {
    return { expected: 'another secret: this one is between the edge and the proxy' };
  }
  if (name.startsWith(`${secrets}/`)) return { name };
  // Compared without regard to case. Names that differ only in case are refused as well, which costs nothing.
  if (isBelow(fold(name), fold(root))) {
    return { expected: `a secret: of what is below ${root} only ${secrets}/ holds any` };
  }
  if (secretPaths.some((path) => isBelow(name, path))) return { name };
  const listed = secretPaths.length > 0 ? secretPaths.join(', ') : 'nothing so far';
  const permitted = `what COUNTERSIGN_SECRET_PATHS (secretPaths) lists, which is ${listed}`;
  return { expected: `a name below ${secrets}/, or ${permitted}` };
}

/**
 * Whether only documents of consumers may refer to a secret. Who may write a route can send each value that it refers to
 * anywhere, so the keys of consumers have a folder of their own.
 *
 * @param name absolute
 */
export function isConsumerSecret(name: string, { root }: ReferenceRules): boolean {
  return isBelow(fold(name), fold(toConsumerSecrets(root)));
}

/** The folder of secrets to which only documents of consumers may refer. */
export function toConsumerSecrets(root: string): string {
  return `${root}/secrets/consumers`;
}

/** @param name what stands behind `$env://` */
export function judgeVariable(name: string, { envPrefix }: ReferenceRules): Ruling {
  if (credentialVariables.has(name)) return { expected: 'a variable that is no key of the role' };
  if (name.startsWith(envPrefix)) return { name };
  return { expected: `a variable whose name begins with ${envPrefix} (COUNTERSIGN_ENV_PREFIX)` };
}

/**
 * @param text prefixes, separated by commas
 * @param refuse throws: what was found, and what was expected
 */
export function parseSecretPaths(
  text: string,
  root: string,
  refuse: (found: string, expected: string) => never,
): readonly string[] {
  const items = text.split(',').map((item) => item.trim());
  return items.filter(Boolean).map((item) => parseSecretPath(item, root, refuse));
}

/** @param refuse throws */
export function parseEnvPrefix(
  text: string,
  refuse: (found: string, expected: string) => never,
): string {
  if (/^[A-Za-z_]\w*$/.test(text)) return text;
  const found = text === '' ? 'an empty text, which would permit every variable' : text;
  return refuse(found, `the beginning of names, such as ${defaultEnvPrefix}`);
}

function parseSecretPath(
  item: string,
  root: string,
  refuse: (found: string, expected: string) => never,
): string {
  const path = item.replace(/\/$/, '');
  if (!path.startsWith('/') || !isName(path)) {
    return refuse(item, 'absolute paths such as /shared/partners, without * and not / alone');
  }
  if (isBelow(secretsManagerPath, fold(path))) {
    return refuse(item, `${secretsManagerPath}/<name>: not every secret of the account`);
  }
  const isSecrets = isBelow(path, `${root}/secrets`);
  if (isBelow(fold(root), fold(path)) || (isBelow(fold(path), fold(root)) && !isSecrets)) {
    return refuse(item, `a path that has no documents in it: they are below ${root}`);
  }
  return path;
}

function isName(text: string): boolean {
  return nameShape.test(text) && !dotSegment.test(text);
}

/** Whole segments count: `/shared` holds `/shared/x` and not `/shared-x`. */
function isBelow(name: string, path: string): boolean {
  return name === path || name.startsWith(`${path}/`);
}

function fold(name: string): string {
  return name.replace(/\/+/g, '/').replace(/\/$/, '').toLowerCase();
}
