/** Events as the sealer leaves them, written by hand. */
import { typeidUnboxed } from 'typeid-js';
import { secretHash } from '../../src/domain/secret.ts';
import { sql } from './sql.ts';
import { demoHost, type TestWorld } from './world.ts';

export interface Happened {
  readonly type?: string;
  /** Whose it is: the organization of this key; the vendor's own without one. */
  readonly key?: string;
  readonly data?: object;
  readonly occurredAt?: Date;
  /** Sorts before what was made after it. */
  readonly id?: string;
  readonly host?: string;
}

export const eventId = (): string => typeidUnboxed('evt');

/** Commits an event that has no sequence yet. */
export async function commitEvent(t: TestWorld, happened: Happened = {}): Promise<string> {
  const { type = 'referral.created', key = '', data = {}, occurredAt = t.world.deps.now(), id = eventId(), host = demoHost } = happened;
  await sql(
    t,
    `insert into frontdesk.events (tenant_id, event_id, type, organization_id, subject_id, data, occurred_at)
     values (current_setting('frontdesk.tenant'), $1, $2,
       (select k.organization_id from frontdesk.api_keys k where k.secret_hash = decode($3, 'hex')), 'ref_1', $4::jsonb, $5)`,
    [id, type, key === '' ? '' : secretHash(key), { ...data }, occurredAt],
    host,
  );
  return id;
}

/** Gives the next sequences to everything that has none, in the order of ids. */
export async function sequenceEvents(t: TestWorld, host = demoHost): Promise<void> {
  await sql(
    t,
    `update frontdesk.events e set sequence = n.sequence from (
       select u.event_id, row_number() over (order by u.event_id) + (select coalesce(max(d.sequence), 0) from frontdesk.events d) as sequence
       from frontdesk.events u where u.sequence is null) n
     where e.event_id = n.event_id`,
    [],
    host,
  );
}

/** An event that everybody may be told of. */
export async function happen(t: TestWorld, happened: Happened = {}): Promise<string> {
  const id = await commitEvent(t, happened);
  await sequenceEvents(t, happened.host);
  return id;
}
