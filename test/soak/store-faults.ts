/** What Parameter Store does instead of answering, and which histories it did not answer because of that. */
import {
  type Interception,
  type ParameterStore,
  type ParameterStoreOptions,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import type { Ledger } from './ledger.ts';

type Intercept = NonNullable<ParameterStoreOptions['intercept']>;
export type StoreFault = (operation: string) => ReturnType<Intercept>;

const historyOperation = 'GetParameterHistory';
const throttled: Interception = {
  ...{ type: 'ThrottlingException', message: 'Rate exceeded', status: 400 },
};
const failing: Interception = { type: 'InternalServerError', status: 500 };
const refused: Interception = { type: 'AccessDeniedException', status: 400 };
const hanging = () => new Promise<undefined>(() => {});

export const storeFaults: Readonly<Record<string, StoreFault>> = {
  throttled: () => throttled,
  failing: () => failing,
  hanging,
  'hung up': () => 'hang-up',
  'not JSON': () => ({ body: '<html>' }),
  'cut JSON': () => ({ body: '{"Parameters":[' }),
  'without parameters': () => ({ body: '{}' }),
  'with strange parameters': () => ({ body: '{"Parameters":[{"Name":7},null]}' }),
  // Documents are read, and the older versions of a malformed one are not.
  'history throttled': ofHistory(() => throttled),
  'history failing': ofHistory(() => failing),
  'history hanging': ofHistory(hanging),
  'history refused': ofHistory(() => refused),
};

function ofHistory(fault: StoreFault): StoreFault {
  return (operation) => (operation === historyOperation ? fault(operation) : undefined);
}

export interface FaultyStore {
  readonly store: ParameterStore;
  setStoreFault(next: StoreFault | undefined): void;
}

/** Starts a Parameter Store that notes each history which it did not answer. */
export async function startFaultyStore(ledger: Ledger): Promise<FaultyStore> {
  let fault: StoreFault | undefined;
  const store = await startParameterStore({
    intercept(operation, { Name }) {
      const answer = fault?.(operation);
      if (operation === historyOperation && (answer || !has(store, String(Name)))) {
        const route = String(Name).split('/').at(-1) ?? '';
        const isRefused = answer === refused;
        ledger.unreadHistories.push({ route, atMs: Date.now(), isRefused });
      }
      return answer;
    },
  });
  return {
    store,
    setStoreFault(next) {
      fault = next;
    },
  };
}

/** A parameter that was deleted after it was read has no history. */
function has(store: ParameterStore, name: string): boolean {
  try {
    store.call('GetParameter', { Name: name });
    return true;
  } catch {
    return false;
  }
}
