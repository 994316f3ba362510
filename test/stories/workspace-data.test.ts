import { beforeAll, describe, expect, it } from 'vitest';
import northwind from '../../examples/northwind.schema.json' with { type: 'json' };
import { account, freshProspect, freshWorkspace, made201, type Stage, stageOf } from '../support/examples.ts';
import { sql } from '../support/sql.ts';
import { openTestWorld, otherHost, type Sent, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let key: string;
let base: string;

beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
  const made = await made201(acme, '/v1/workspaces/provision', {
    prospect: freshProspect(),
    schema: { format: 'json-schema', document: northwind },
    seed_rows: 0,
  });
  key = made.credentials.api_key;
  base = `/v1/workspaces/${made.workspace.id}`;
});

const shipper = (more: Record<string, unknown> = {}) => ({
  id: crypto.randomUUID(),
  name: 'Harbour Foods',
  segment: 'shipper',
  fleet_size: 12,
  ...more,
});
const write = (entity: string, rows: unknown[]) => t.send('POST', `${base}/data/${entity}`, { key, body: { rows } });
const list = (query = '', entity = 'account') => t.send('GET', `${base}/data/${entity}${query}`, { key });
const names = ({ body }: Sent): string[] => body.data.map(({ values }: { values: { name: string } }) => values.name);
const pointers = ({ body }: Sent): string[] =>
  body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);

describe('rows of a prospect’s own schema', () => {
  it('are written and read as they were sent, with defaults filled in', async () => {
    const values = shipper({
      billing_address: { city: 'Gdansk', country: 'PL' },
      route_code: 'PL-0420',
      created_at: '2026-01-02T03:04:05Z',
    });
    const written = await write('account', [values]);
    expect(written.status).toBe(201);
    expect(written.body.rows).toMatchObject([{ values, id: expect.stringMatching(/^row_/), created_at: written.body.rows[0].updated_at }]);
    expect((await t.send('GET', `${base}/data/account/${written.body.rows[0].id}`, { key })).body).toEqual(written.body.rows[0]);
    const usage = {
      id: crypto.randomUUID(),
      subscription_id: crypto.randomUUID(),
      meter: 'shipments',
      quantity: 3.5,
      recorded_at: '2026-01-02T03:04:05Z',
    };
    expect((await write('usage_record', [usage])).body.rows[0].values).toEqual({ ...usage, estimated: false });
  });

  it('are checked against it, every one; one that does not fit refuses them all, with every pointer', async () => {
    const before = (await list()).body.data.length;
    const sent = await write('account', [
      shipper(),
      shipper({ segment: 'pirate', fleet_size: -1, route_code: 'pl-1', billing_address: { city: 'x'.repeat(81) }, extra: 1 }),
      { name: 'x' },
      shipper({ id: 'not a uuid', name: null, created_at: 'yesterday', fleet_size: 1.5 }),
    ]);
    expect([sent.status, sent.body.code]).toEqual([400, 'request.invalid']);
    expect(pointers(sent).sort()).toEqual([
      '/rows/1/billing_address/city too_long',
      '/rows/1/billing_address/country required',
      '/rows/1/extra unknown_field',
      '/rows/1/fleet_size out_of_range',
      '/rows/1/route_code pattern',
      '/rows/1/segment enum',
      '/rows/2/fleet_size required',
      '/rows/2/id required',
      '/rows/2/name too_short',
      '/rows/2/segment required',
      '/rows/3/created_at format',
      '/rows/3/fleet_size type',
      '/rows/3/id format',
      '/rows/3/name null',
    ]);
    expect((await list()).body.data.length).toBe(before);
  });

  it('come one to a hundred at a time', async () => {
    expect(pointers(await write('account', []))).toEqual(['/rows too_short']);
    expect(
      pointers(
        await write(
          'account',
          Array.from({ length: 101 }, () => shipper()),
        ),
      ),
    ).toEqual(['/rows too_long']);
    const made = await write('currency', [{}]);
    expect(made.body.code).toBe('resource.not_found');
  });

  it('are changed field by field, and what is not sent stays', async () => {
    const { rows } = (await write('account', [shipper({ route_code: 'DE-0001' })])).body;
    const at = `${base}/data/account/${rows[0].id}`;
    t.advance(5_000);
    const changed = await t.send('PATCH', at, { key, body: { values: { name: 'Renamed', billing_address: { country: 'DE' } } } });
    expect(changed.body.values).toEqual({ ...rows[0].values, name: 'Renamed', billing_address: { country: 'DE' } });
    expect(changed.body.created_at).toBe(rows[0].created_at);
    expect(changed.body.updated_at > rows[0].updated_at).toBe(true);
    const refused = await t.send('PATCH', at, { key, body: { values: { fleet_size: 'many', nothing: 1, billing_address: {} } } });
    expect(pointers(refused).sort()).toEqual([
      '/values/billing_address/country required',
      '/values/fleet_size type',
      '/values/nothing unknown_field',
    ]);
    expect((await t.send('GET', at, { key })).body).toEqual(changed.body);
  });

  it('are deleted for good', async () => {
    const { rows } = (await write('account', [shipper()])).body;
    const at = `${base}/data/account/${rows[0].id}`;
    expect((await t.send('DELETE', at, { key })).body).toEqual({ id: rows[0].id, deleted: true });
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const gone = await t.send(method, at, { key, ...(method === 'PATCH' ? { body: { values: {} } } : {}) });
      expect([method, gone.status]).toEqual([method, 404]);
    }
  });

  it('are counted by the workspace', async () => {
    const { id, key: own } = await freshWorkspace(acme);
    const counts = async () =>
      (await t.send('GET', `/v1/workspaces/${id}`, { key: own })).body.entities.map(({ row_count }: { row_count: number }) => row_count);
    expect(await counts()).toEqual([1, 1, 1]);
    const { rows } = await made201({ ...acme, key: own }, `/v1/workspaces/${id}/data/account`, { rows: [account(), account()] });
    expect(await counts()).toEqual([3, 1, 1]);
    await t.send('DELETE', `/v1/workspaces/${id}/data/account/${rows[0].id}`, { key: own });
    expect(await counts()).toEqual([2, 1, 1]);
  });

  it('end at the workspace’s limit, and room is made by deleting', async () => {
    const stage = await stageOf(t, { host: otherHost });
    const { id } = await freshWorkspace(stage);
    const path = `/v1/workspaces/${id}/data/account`;
    await sql(t, 'update frontdesk.workspaces set row_count = row_limit - 1 where workspace_id = $1', [id], otherHost);
    const send = (n: number) => t.send('POST', path, { ...stage, body: { rows: Array.from({ length: n }, () => account()) } });
    expect((await send(2)).body.code).toBe('quota.exhausted');
    const last = await send(1);
    expect(last.status).toBe(201);
    expect((await send(1)).body.code).toBe('quota.exhausted');
    await t.send('DELETE', `${path}/${last.body.rows[0].id}`, stage);
    expect((await send(1)).status).toBe(201);
  });
});

describe('lists', () => {
  const numbered = (n: number) =>
    Array.from({ length: n }, (_, i) =>
      shipper({ name: `Shipper ${String(i).padStart(2, '0')}`, segment: i % 3 === 0 ? 'broker' : 'carrier', fleet_size: i }),
    );
  let all: string[];

  beforeAll(async () => {
    const { body } = await t.send('POST', '/v1/workspaces/provision', {
      key: acme.key,
      body: { prospect: freshProspect(), schema: { format: 'json-schema', document: northwind }, seed_rows: 0 },
    });
    [key, base] = [body.credentials.api_key, `/v1/workspaces/${body.workspace.id}`];
    const rows = numbered(30);
    all = rows.map(({ name }) => name);
    await write('account', rows);
  });

  async function pages(query: string): Promise<string[][]> {
    const found: string[][] = [];
    for (let next: string | null = `?${query}`; next !== null; ) {
      const page: Sent = await list(next);
      expect([page.status, page.body.object]).toEqual([200, 'list']);
      found.push(names(page));
      expect(page.body.has_more).toBe(page.body.next_cursor !== null);
      const link = /<http:\/\/localhost([^>]+)>; rel="next"/.exec(page.headers.get('Link') ?? '')?.[1];
      expect(link === undefined).toBe(!page.body.has_more);
      next = link === undefined ? null : (link.split('/account')[1] ?? null);
    }
    return found;
  }

  it('come oldest first, 25 at a time', async () => {
    expect(await pages('')).toEqual([all.slice(0, 25), all.slice(25)]);
  });

  it.each([1, 7, 10, 30, 100])('of %i at a time show each row once', async (limit) => {
    const found = await pages(`limit=${limit}`);
    expect(found.flat()).toEqual(all);
    expect(found.length).toBe(Math.ceil(30 / limit));
  });

  it.each(['0', '101', '-1', '1.5', 'x', '', '1e1', '01', ' 5'])('take no limit of %j', async (limit) => {
    expect(pointers(await list(`?limit=${encodeURIComponent(limit)}`))).toEqual(['/limit format']);
  });

  it('filter by equality, all at once, and page within the filter', async () => {
    const brokers = all.filter((_, i) => i % 3 === 0);
    expect((await pages('filter[segment]=broker&limit=4')).flat()).toEqual(brokers);
    expect(names(await list('?filter[segment]=broker&filter[fleet_size]=9'))).toEqual(['Shipper 09']);
    expect(names(await list('?filter[segment]=carrier&filter[fleet_size]=9'))).toEqual([]);
    expect(names(await list(`?filter[name]=${encodeURIComponent("' or '1'='1")}`))).toEqual([]);
  });

  it.each([
    ['an unknown field', 'filter[nothing]=1', '/filter/nothing unknown_field'],
    ['an object', 'filter[billing_address]=x', '/filter/billing_address not_filterable'],
    ['a number that is none', 'filter[fleet_size]=many', '/filter/fleet_size type'],
    ['a fraction for an integer', 'filter[fleet_size]=1.5', '/filter/fleet_size type'],
    ['a prototype', 'filter[__proto__]=x', '/filter/__proto__ unknown_field'],
    ['a constructor', 'filter[constructor]=x', '/filter/constructor unknown_field'],
    ['a parameter that comes twice', 'filter[name]=a&filter[name]=b', '/filter[name] repeated'],
    ['another parameter', 'sort=name', '/sort unknown_field'],
  ])('refuse to filter by %s', async (_, query, pointer) => {
    expect(pointers(await list(`?${query}`))).toEqual([pointer]);
  });

  it('have cursors that are bound to list, filter and tenant, and cannot be made up', async () => {
    const cursor = (await list('?filter[segment]=broker&limit=2')).body.next_cursor;
    expect(names(await list(`?filter[segment]=broker&limit=2&cursor=${cursor}`))).toEqual(['Shipper 06', 'Shipper 09']);
    const tampered = `${cursor.slice(0, -1)}${cursor.endsWith('0') ? '1' : '0'}`;
    for (const query of [
      `cursor=${cursor}`,
      `filter[segment]=carrier&cursor=${cursor}`,
      `filter[segment]=broker&cursor=${tampered}`,
      'cursor=x',
      'cursor=x.y.z',
    ])
      expect([query, pointers(await list(`?${query}`))]).toEqual([query, ['/cursor cursor']]);
    expect(pointers(await list(`?cursor=${cursor}`, 'contact'))).toEqual(['/cursor cursor']);
    expect(pointers(await t.send('GET', `/v1/workspaces?cursor=${cursor}`, { key }))).toEqual(['/cursor cursor']);
  });

  it('of workspaces and referrals come newest first, each once', async () => {
    const stage = await stageOf(t);
    const made: { id: string; referralId: string }[] = [];
    for (let i = 0; i < 5; i++) made.push(await freshWorkspace(stage, { seed_rows: 0 }));
    for (const [path, field] of [
      ['/v1/workspaces', 'id'],
      ['/v1/referrals', 'referralId'],
    ] as const) {
      const ids: string[] = [];
      for (let cursor = ''; ; ) {
        const { body }: Sent = await t.send('GET', `${path}?limit=2${cursor && `&cursor=${cursor}`}`, stage);
        ids.push(...body.data.map(({ id }: { id: string }) => id));
        if (!body.has_more) break;
        cursor = body.next_cursor;
      }
      expect(ids).toEqual(made.map((each) => each[field]).reverse());
    }
    const filtered = async (query: string) => (await t.send('GET', `/v1/referrals?${query}`, stage)).body.data?.length;
    expect([await filtered('status=pending'), await filtered('status=rewarded'), await filtered('campaign=none')]).toEqual([5, 0, 0]);
    expect(pointers(await t.send('GET', '/v1/referrals?status=lost&campaign=%00', stage)).length).toBeGreaterThan(0);
  });
});

describe('synthetic rows', () => {
  it('obey the schema, as many as were asked for, and stay the same on every read', async () => {
    const made = await made201(acme, '/v1/workspaces/provision', {
      prospect: freshProspect(),
      schema: { format: 'json-schema', document: northwind },
      seed_rows: 3,
    });
    const { id, entities, mapping } = made.workspace;
    expect(entities.map(({ name, row_count }: { name: string; row_count: number }) => [name, row_count])).toEqual(
      ['account', 'contact', 'subscription', 'invoice', 'invoice_line', 'usage_record'].map((name) => [name, 3]),
    );
    expect(mapping.find(({ pointer }: { pointer: string }) => pointer.includes('dependentRequired'))).toMatchObject({ outcome: 'dropped' });
    for (const { name } of entities) {
      const { body } = await t.send('GET', `/v1/workspaces/${id}/data/${name}`, { key: made.credentials.api_key });
      const again = body.data.map(({ values }: { values: object }) => values);
      const accepted = await t.send('POST', `/v1/workspaces/${id}/data/${name}`, { key: made.credentials.api_key, body: { rows: again } });
      expect([name, accepted.status]).toEqual([name, 201]);
    }
  });
});
