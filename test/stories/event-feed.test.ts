import { beforeEach, describe, expect, it } from 'vitest';
import { commitEvent, eventId, happen, sequenceEvents } from '../support/event-rows.ts';
import { freshDomain } from '../support/examples.ts';
import { backEndKey } from '../support/mishaps.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: string;
let rival: string;
let backEnd: string;

beforeEach(async () => {
  t ??= await openTestWorld();
  await sql(t, 'delete from frontdesk.events');
  [acme, rival, backEnd] = [await organization(), await organization(), await backEndKey(t, demoHost)];
});

const organization = () => t.key({ organization: { domain: freshDomain(), name: 'An organization' } });
const list = async (key: string, query = '', host = demoHost) => (await t.send('GET', `/v1/events${query}`, { key, host })).body;
const sequences = (page: { data: readonly { sequence: number }[] }) => page.data.map(({ sequence }) => sequence);

describe('the list of events', () => {
  it('tells what happened, oldest first, as webhooks and the stream tell it', async () => {
    const id = await happen(t, { key: acme, type: 'referral.qualified', data: { referral_id: 'ref_1' } });
    const { data, ...page } = await list(acme);
    expect(page).toEqual({ object: 'list', has_more: false, next_after: 1, truncated: false });
    expect(data).toEqual([
      {
        id,
        type: 'referral.qualified',
        api_version: 'v1',
        occurred_at: expect.stringMatching(/Z$/),
        sequence: 1,
        data: { referral_id: 'ref_1' },
      },
    ]);
  });

  it('goes on after next_after, page by page, without a gap or a double', async () => {
    for (let n = 0; n < 7; n++) await happen(t, { key: acme });
    const seen: number[] = [];
    for (let after = 0, more = true; more; ) {
      const page = await list(acme, `?after=${after}&limit=3`);
      seen.push(...sequences(page));
      [after, more] = [page.next_after, page.has_more];
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await list(acme, '?after=7')).toMatchObject({ data: [], has_more: false, next_after: 7 });
  });

  it('shows an organization its own, the back end everything, another vendor nothing', async () => {
    await happen(t, { key: acme });
    await happen(t, { key: rival });
    await happen(t, { type: 'ledger.checkpointed' });
    expect(sequences(await list(acme))).toEqual([1]);
    expect(sequences(await list(rival))).toEqual([2]);
    expect(sequences(await list(backEnd))).toEqual([1, 2, 3]);
    expect(sequences(await list(await backEndKey(t, otherHost), '', otherHost))).toEqual([]);
  });

  it('loses no event that was committed after one with a higher id', async () => {
    const early = eventId();
    await happen(t, { key: acme });
    const before = await list(acme);
    await happen(t, { key: acme, id: early });
    const after = await list(acme, `?after=${before.next_after}`);
    expect([sequences(before), after.data.map(({ id }: { id: string }) => id)]).toEqual([[1], [early]]);
    expect(early < before.data[0].id).toBe(true);
  });

  it('tells of nothing before its place is certain', async () => {
    await commitEvent(t, { key: acme });
    expect(await list(acme)).toMatchObject({ data: [], next_after: 0 });
    await sequenceEvents(t);
    expect(sequences(await list(acme))).toEqual([1]);
  });

  it('of one type leads past the others, so that they are not looked through again', async () => {
    await happen(t, { key: acme, type: 'reward.accrued' });
    for (let n = 0; n < 3; n++) await happen(t, { key: acme });
    expect(await list(acme, '?type=reward.accrued')).toMatchObject({ data: [{ sequence: 1 }], has_more: false, next_after: 4 });
    expect(await list(acme, '?type=reward.accrued&after=4')).toMatchObject({ data: [], next_after: 4 });
  });
});

describe('after 90 days', () => {
  it('a reader whose place was swept is told so, and nobody else', async () => {
    for (const days of [92, 91, 2, 1])
      await happen(t, { key: acme, occurredAt: new Date(t.world.deps.now().getTime() - days * 86_400_000) });
    expect((await list(acme, '?after=1')).truncated).toBe(false);
    await sql(t, "select frontdesk.make_due(current_setting('frontdesk.tenant'), 'expire', now() - interval '1 day')");
    await t.world.schedules.expire?.();
    expect(await list(acme, '?after=1')).toMatchObject({ truncated: true, data: [{ sequence: 3 }, { sequence: 4 }] });
    expect((await list(acme, '?after=2')).truncated).toBe(false);
    expect(await list(acme)).toMatchObject({ truncated: false, data: [{ sequence: 3 }, { sequence: 4 }] });
  });

  it('a reader of whom nothing is kept at all is told so, too', async () => {
    expect((await list(acme, '?after=5')).truncated).toBe(true);
    expect((await list(acme)).truncated).toBe(false);
  });
});

it('refuses a place that is no sequence', async () => {
  for (const after of ['-1', '1.5', 'x', '9'.repeat(16), '01'])
    expect(await list(acme, `?after=${after}`)).toMatchObject({ code: 'request.invalid', errors: [{ pointer: '/after' }] });
});
