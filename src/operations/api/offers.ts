import type * as z from 'zod';
import type { Principal } from '../../domain/actor.ts';
import { isLive, mayRotateApiKey, scopesToGive } from '../../domain/api-key.ts';
import type { Scope } from '../../domain/scopes.ts';
import type { apiKeyView } from './schemas.ts';

type Shown = z.output<typeof apiKeyView>;

/** The scopes that a form offers for a new key of this organization (null: of a back end): those that would not be refused. */
export const offeredScopes = (principal: Principal, organizationId: string | null): readonly Scope[] =>
  scopesToGive(principal, organizationId);

/** Whether a key still opens something. */
export const isLiveKey = (key: Shown, now: Date): boolean => isLive(stored(key), now);

/** Whether this caller could rotate the key: it has to be able to do whatever the key can. */
export const mayRotateKey = (key: Shown, principal: Principal, now: Date): boolean => mayRotateApiKey(stored(key), principal, now).ok;

const stored = ({ id, ...key }: Shown) => ({ ...key, key_id: id });
