import type { User, UserFields } from './user.ts';

/** One page of the list, oldest user first. */
export interface UserPage {
  readonly users: readonly User[];
  /** Where the next page begins; absent at the end. A last page may be empty. */
  readonly lastUserId?: string;
}

/** Where a page begins and how long it is. */
export interface PageRequest {
  readonly limit: number;
  /** The page begins behind this user, who need not exist any more. */
  readonly afterUserId?: string | undefined;
}

/** Which user, and in which state the user must be. */
export interface Target {
  readonly userId: string;
  /** @default any version */
  readonly version?: number | undefined;
}

/** Keeps users. Every method may throw a {@link StoreBusyError}. */
export interface UserStore {
  list(request: PageRequest): Promise<UserPage>;
  read(userId: string): Promise<User | undefined>;
  /** Leaves a user of that id as it is. */
  create(user: User): Promise<void>;
  /** The changed user; undefined when there is none, or none of that version. */
  update(
    target: Target,
    changes: Partial<UserFields> & Pick<User, 'updatedAt'>,
  ): Promise<User | undefined>;
  /** Whether there was such a user. */
  remove(target: Target): Promise<boolean>;
  /**
   * Deletes one user after the other for as long as `mayGoOn` says so.
   * @returns how many, and whether that was all
   */
  removeAll(mayGoOn: () => boolean): Promise<{ deleted: number; isEmpty: boolean }>;
}

/** The store is there and has no capacity left; trying again a little later may work. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';
}
