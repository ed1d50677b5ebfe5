import type { User, UserFields } from './user.ts';

/** One page of the list, oldest user first. */
export interface UserPage {
  readonly users: readonly User[];
  /** Id after which the next page begins; undefined at the end. The last page may be empty. */
  readonly lastUserId?: string;
}

/** The beginning and the length of a page. */
export interface PageRequest {
  readonly limit: number;
  /** The page begins after this user, who may have been deleted. */
  readonly afterUserId?: string | undefined;
}

/** The id of a user, and the version that it must have. */
export interface Target {
  readonly userId: string;
  /** @default any version */
  readonly version?: number | undefined;
}

/** Stores users. Every method may throw a {@link StoreBusyError}. */
export interface UserStore {
  list(request: PageRequest): Promise<UserPage>;
  read(userId: string): Promise<User | undefined>;
  /** Creates a user. Does nothing if the id is taken. */
  create(user: User): Promise<void>;
  /**
   * Changes a user.
   * @returns the changed user; undefined if it does not exist or has another version
   */
  update(
    target: Target,
    changes: Partial<UserFields> & Pick<User, 'updatedAt'>,
  ): Promise<User | undefined>;
  /**
   * Deletes a user.
   * @returns whether it existed
   */
  remove(target: Target): Promise<boolean>;
  /**
   * Deletes users while `mayGoOn` returns true.
   * @returns the number of deleted users, and whether those were all
   */
  removeAll(mayGoOn: () => boolean): Promise<{ deleted: number; isEmpty: boolean }>;
}

/** The store has no capacity left. A later attempt may succeed. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';
}
