import { ConnectionLost, type Db } from '../../src/db/batch.ts';
import { migratedPglite } from './migrated-pglite.ts';
import { openTestWorld, type TestWorld } from './world.ts';

/** A world whose database can be made to fail, and a second instance on the same database that has not opened any desk yet. */
export interface FaultyWorld {
  readonly t: TestWorld;
  readonly cold: TestWorld;
  /** Does the work while every batch fails: `lost`, the connection breaks; `broken`, something happens that nobody foresaw. */
  readonly during: <T>(fault: Fault, work: () => Promise<T>) => Promise<T>;
}

export type Fault = 'lost' | 'broken';

export async function openFaultyWorld(): Promise<FaultyWorld> {
  const inner = await migratedPglite();
  let current: Fault | undefined;
  const db: Db = {
    batch: (context, statements) => {
      if (current === 'lost') return Promise.reject(new ConnectionLost('the test cut it'));
      if (current === 'broken') return Promise.reject(new Error('a secret detail'));
      return inner.batch(context, statements);
    },
    close: () => inner.close(),
  };
  // A fault here lasts until it is taken away: waiting would not help.
  const pause = async () => {};
  const t = await openTestWorld({ db, pause });
  const cold = await openTestWorld({ db, pause });
  return {
    t,
    cold,
    async during(fault, work) {
      current = fault;
      try {
        return await work();
      } finally {
        current = undefined;
      }
    },
  };
}
