import { serverKey } from '../access/server-key.ts';
import type { Db } from '../db/batch.ts';
import type { Memory } from '../db/memory.ts';
import type { Given } from '../domain/decision.ts';
import { deriveBytes } from '../domain/secret.ts';

/** What a person with shell access, or a schedule, works with. */
export interface AdminDeps {
  readonly db: Db;
  readonly memory: Memory;
  readonly masterKey: Uint8Array;
  /** `dev` in the embedded default, else `live`: part of every secret's form. */
  readonly environment: string;
  readonly now: () => Date;
  readonly newId: (prefix: string) => string;
}

/** What a decision about this tenant may take from outside its facts. */
export function givenFor({ masterKey, newId }: AdminDeps, tenant: string, now: Date): Given {
  const derivationKey = serverKey(masterKey, 'derive', tenant);
  return {
    now,
    newId,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    derive: (purpose, id, version) => deriveBytes(derivationKey, purpose, id, version),
  };
}

/** How often a write is decided anew when somebody else was faster. */
export const attempts = 4;
