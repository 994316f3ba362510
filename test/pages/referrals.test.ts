import { beforeAll, describe, expect, it } from 'vitest';
import { queries } from '../../src/db/queries.ts';
import type { ReferralFilter } from '../../src/db/referral-queries.ts';
import { type ReferralStatus, referralStatuses } from '../../src/domain/referral-state.ts';
import { stepReferral } from '../../src/domain/referral-step.ts';
import { tableOf } from '../../src/routes/table.ts';
import type { Browser } from '../support/browser.ts';
import { agentOfStage, freshWorkspace, made201, organizationOfKey, type Stage, staffStage, stageOf } from '../support/examples.ts';
import { freshReward } from '../support/fresh-reward.ts';
import { commitAt, sceneAt } from '../support/qualify.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { sql } from '../support/sql.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

const day = 86_400_000;
const start = '2026-03-01T09:00:00.000Z';

interface Known {
  readonly id: string;
  readonly status: ReferralStatus;
  readonly organizationId: string;
  readonly agentId: string | null;
  readonly campaign: string | null;
  readonly createdAt: Date;
}

let t: TestWorld;
let staff: Stage;
let acme: Stage;
let other: Stage;
/** Oldest first: two organizations, two campaigns, three statuses, a day apart. */
const world: Known[] = [];
let operator: Browser;
let partner: Browser;

beforeAll(async () => {
  t = await openTestWorld({ startAt: start });
  staff = await staffStage(t);
  [acme, other] = [await stageOf(t), await stageOf(t)];
  for (let n = 0; n < 12; n++) {
    const stage = n % 3 === 0 ? other : acme;
    world.push(await recorded(stage, n, ['spring', 'summer', null][n % 4] ?? null, (['pending', 'qualified', 'rejected'] as const)[n % 3]));
    t.advance(day);
  }
  operator = await roleBrowser(t, 'operator');
  partner = await roleBrowser(t, 'partner', { organizationIds: [world[1]?.organizationId ?? ''] });
});

async function recorded(stage: Stage, n: number, campaign: string | null, status: ReferralStatus = 'pending'): Promise<Known> {
  const token = campaign === null ? null : (await made201(stage, '/v1/referral-tokens', { campaign })).token;
  const { referral } = await made201(stage, '/v1/referrals', {
    prospect: { name: `Northwind ${n}`, domain: `northwind-${n}.example` },
    ...(token === null ? {} : { attribution: { referral_token: token } }),
  });
  if (status === 'qualified' || status === 'rejected') {
    const { desk, given } = await sceneAt(t, demoHost);
    const from = {
      referralId: referral.id,
      organizationId: referral.organization_id,
      status: 'pending',
      seq: 1,
      evidenced: false,
    } as const;
    await commitAt(t, demoHost, stepReferral(from, status, { tenant: desk.tenant, actor: 'test', because: 'test' }, given).changes);
  }
  const { id, organization_id, created_at } = referral;
  return { id, status, organizationId: organization_id, agentId: await agentOfStage(stage), campaign, createdAt: new Date(created_at) };
}

const organizationOf = async ({ key }: Stage) =>
  String((await sql(t, `select organization_id from frontdesk.organizations where ${organizationOfKey}`, [key]))[0]?.organization_id);
const rest = async (path: string, { key }: Stage = staff) => (await t.send('GET', `/v1/referrals/${path}`, { key })).body;
const idsOf = (list: { readonly data: readonly { readonly id: string }[] }) => list.data.map(({ id }) => id);
const newestFirst = (known: readonly Known[]) => known.map(({ id }) => id).reverse();
const idsOn = (text: string) => [...text.matchAll(/<th scope="row"><a href="\/ledger\/referrals\/(\w+)"/g)].map(([, id]) => id);

describe('a search of referrals', () => {
  it('finds by every filter, alone and with every other, what it should and nothing else, in both orders, for whoever asks', async () => {
    const { desk } = await sceneAt(t, demoHost);
    const [first, second] = world;
    const parts: readonly Partial<ReferralFilter>[] = [
      { statuses: ['qualified', 'rejected'] },
      { organizationId: second?.organizationId ?? '' },
      { agentId: first?.agentId ?? '' },
      { campaign: 'spring' },
      { from: new Date('2026-03-03T00:00:00Z') },
      { to: new Date('2026-03-11T00:00:00Z') },
    ];
    const none: ReferralFilter = {
      ...{ statuses: referralStatuses, organizationId: null, agentId: null, campaign: null, from: null, to: null, about: null },
    };
    const own = { kind: 'organizations', organizations: [second?.organizationId ?? ''] } as const;
    let found = 0;
    for (let subset = 0; subset < 2 ** parts.length; subset++) {
      const filter: ReferralFilter = Object.assign({ ...none }, ...parts.filter((_, at) => subset & (1 << at)));
      const has = (known: Known) =>
        filter.statuses.includes(known.status) &&
        [known.organizationId, null].includes(filter.organizationId) &&
        [known.agentId, null].includes(filter.agentId) &&
        [known.campaign, null].includes(filter.campaign) &&
        (filter.from ?? 0) <= known.createdAt &&
        known.createdAt < (filter.to ?? new Date('2100-01-01'));
      for (const reach of [{ kind: 'tenant' }, own] as const) {
        const visible = world.filter((known) => reach.kind === 'tenant' || reach.organizations.includes(known.organizationId));
        const [ahead, back] = await t.db.batch({ role: 'reader', tenant: desk.tenant, reach }, [
          queries.searchReferrals({ filter, after: null, oldestFirst: true, limit: 20 }),
          queries.searchReferrals({ filter, after: null, oldestFirst: false, limit: 20 }),
        ]);
        const expected = visible.filter(has).map(({ id }) => id);
        found += expected.length;
        expect(
          ahead.map(({ referral_id }) => referral_id),
          JSON.stringify([reach, filter]),
        ).toEqual(expected);
        expect(back.map(({ referral_id }) => referral_id)).toEqual(expected.toReversed());
      }
    }
    expect(found).toBeGreaterThan(100);
  });

  it.each([
    ['-created', newestFirst],
    ['created', (known: readonly Known[]) => known.map(({ id }) => id)],
  ] as const)('goes on where a page ended while others arrive, sorted by %s', async (sort, inOrder) => {
    const before = [...world];
    const seen: string[] = [];
    let page = await rest(`search?sort=${sort}&limit=5&to=2026-03-12`);
    for (let n = 0; ; n++) {
      seen.push(...idsOf(page));
      if (page.next_cursor === null) break;
      await made201(acme, '/v1/referrals', { prospect: { name: 'Late', domain: `late-${sort.length}-${n}.example` } });
      page = await rest(`search?sort=${sort}&limit=5&to=2026-03-12&cursor=${page.next_cursor}`);
    }
    expect(seen).toEqual(inOrder(before));
    const { next_cursor } = await rest(`search?sort=${sort}&limit=5&to=2026-03-12`);
    expect(await rest(`search?sort=${sort}&limit=5&status=pending&cursor=${next_cursor}`)).toMatchObject({ code: 'request.invalid' });
  });

  it('finds one by its id, its workspace or the domain of its prospect, however it is written, and nothing by a part of it', async () => {
    const [known] = world;
    const workspace = await freshWorkspace(acme, { prospect: { name: 'Sandbox', domain: 'sandbox-of-one.example' } });
    const made = await rest('search?q=sandbox-of-one.example', acme);
    expect(made.data).toMatchObject([{ workspace: { id: workspace.id, status: 'active' } }]);
    expect(idsOf(await rest(`search?q=${workspace.id}`))).toEqual(idsOf(made));
    for (const q of [known?.id, 'northwind-0.example', 'https://www.Northwind-0.example/pricing', ' northwind-0.example ']) {
      expect(idsOf(await rest(`search?q=${encodeURIComponent(q ?? '')}`)), q).toEqual([known?.id]);
    }
    for (const q of ['northwind', '%', 'northwind-0.exampl', 'Northwind 0', "' or true --"]) {
      expect(idsOf(await rest(`search?q=${encodeURIComponent(q)}`)), q).toEqual([]);
    }
    // Whose it is not learns nothing of it.
    for (const q of [known?.id, 'northwind-0.example']) expect(idsOf(await rest(`search?q=${q}`, acme)), q).toEqual([]);
  });

  it('tells what a referral earned in each currency', async () => {
    const { referral_id } = await freshReward(acme);
    expect((await rest(`search?q=${referral_id}`)).data).toMatchObject([
      { rewards: [{ currency: 'usd', accrued_minor: 5000, reversed_minor: 0 }] },
    ]);
  });

  it.each(['status=nothing', 'from=2026-02-30', 'from=0000-01-01', 'organization_id=org_1', 'sort=amount', 'limit=101'])(
    'with %s is refused',
    async (query) => {
      expect(await rest(`search?${query}`)).toMatchObject({ status: 400, code: 'request.invalid' });
    },
  );
});

describe('the page of referrals', () => {
  it('shows what its address says in one round trip, with each filter to be taken away by itself', async () => {
    await operator.get('/ledger/referrals');
    const before = t.roundTrips();
    const { status, text } = await operator.get(
      '/ledger/referrals?status=qualified&status=rejected&campaign=spring&to=2026-03-12&limit=25&agent_id=',
    );
    expect([status, t.roundTrips() - before]).toEqual([200, 1]);
    expect(idsOn(text)).toEqual(newestFirst(world.filter(({ status, campaign }) => status !== 'pending' && campaign === 'spring')));
    expect(text).toContain('href="/ledger/referrals?status=rejected&amp;campaign=spring&amp;to=2026-03-12&amp;limit=25"');
    expect(text).toContain('href="/ledger/referrals?status=qualified&amp;status=rejected&amp;campaign=spring&amp;limit=25"');
    expect(text).toContain('aria-sort="descending"');
    expect(text).toContain(
      'href="/ledger/exports/referrals.csv?status=qualified&amp;status=rejected&amp;campaign=spring&amp;to=2026-03-12"',
    );
  });

  it('says that nothing matches, and what cannot be used, each with a way back', async () => {
    const nothing = await operator.get('/ledger/referrals?q=nobody.example');
    expect([nothing.status, idsOn(nothing.text)]).toEqual([200, []]);
    expect(nothing.text).toContain('Nothing matches');
    const wrong = await operator.get('/ledger/referrals?from=yesterday');
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('href="/ledger/referrals"');
  });

  it('says what cannot be used in the language of the reader, and never as a pattern', async () => {
    const { status, text } = await operator.get('/ledger/referrals?agent_id=zz', { 'Accept-Language': 'de' });
    expect(status).toBe(400);
    expect(text).toContain('Diese Angabe hat nicht die erwartete Form.');
    expect(text).not.toMatch(/pattern|\[0-7\]|\^agt/);
  });

  it('shows the call that makes the first row where there is none', async () => {
    const newcomer = await organizationOf(await stageOf(t));
    const empty = await roleBrowser(t, 'partner', { organizationIds: [newcomer] });
    expect((await empty.get('/ledger/referrals')).text).toMatch(/curl http:\/\/localhost\/v1\/referrals /);
  });

  it('shows a partner its own, and no company by name: not on the page, nor over REST, nor in a file', async () => {
    const own = world.filter(({ organizationId }) => organizationId === world[1]?.organizationId);
    const { text } = await partner.get('/ledger/referrals?limit=100&to=2026-03-12');
    expect(idsOn(text)).toEqual(newestFirst(own));
    const csv = await partner.get('/ledger/exports/referrals.csv?to=2026-03-12');
    const lines = await partner.get('/ledger/exports/referrals.ndjson?to=2026-03-12');
    expect(lines.text.trim().split('\n')).toHaveLength(own.length);
    for (const shown of [text, csv.text, lines.text]) {
      expect(shown).toContain('N•••');
      expect(shown).not.toMatch(/northwind-\d/i);
    }
  });
});

describe('whoever sees companies masked', () => {
  it('finds none of its own by a domain, on the page or in a file, and all by their ids', async () => {
    const [, own] = world;
    const paths = ['/ledger/referrals', '/ledger/exports/referrals.ndjson'];
    const found = async (by: Browser, q = '') =>
      Promise.all(
        paths.map(async (path) => (await by.get(`${path}?q=${q}`)).text.includes(own?.createdAt.toISOString().slice(0, 10) ?? '-')),
      );
    expect(await found(operator, 'northwind-1.example')).toEqual([true, true]);
    expect(await found(partner, 'northwind-1.example')).toEqual([false, false]);
    expect(await found(partner, own?.id)).toEqual([true, true]);
  });
});

describe('files of referrals', () => {
  it('hold what the list holds, in its order, under the name of the day', async () => {
    const query = 'sort=created&status=pending&to=2026-03-12';
    const csv = await operator.get(`/ledger/exports/referrals.csv?${query}`);
    const today = t.world.deps.now().toISOString().slice(0, 10);
    expect(csv.headers.get('Content-Disposition')).toBe(`attachment; filename="referrals-${today}.csv"`);
    expect(csv.headers.get('Content-Type')).toBe('text/csv; charset=utf-8');
    const [head = '', ...rows] = csv.text.trim().split('\r\n');
    expect(head).toMatch(/^id,status,organization_id,organization_domain,agent_id,campaign,prospect_name,prospect_domain,created_at,/);
    const listed = idsOf(await rest(`search?${query}&limit=100`));
    expect(rows.map((row) => row.split(',')[0])).toEqual(listed);
    expect(listed).not.toEqual([]);
    const lines = await operator.get(`/ledger/exports/referrals.ndjson?${query}`);
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(listed);
    expect(idsOf(await rest(`export?${query}`))).toEqual(listed);
  });

  it('lead whoever is not signed in to sign in, and tell nobody of a filter that cannot be used by a broken file', async () => {
    const stranger = await roleBrowser(t, 'operator');
    stranger.cookies.clear();
    expect((await stranger.get('/ledger/exports/referrals.csv')).location).toMatch(/^\/login\?next=/);
    expect((await operator.get('/ledger/exports/referrals.csv?from=x')).status).toBe(400);
  });

  it('and the page keep what strangers wrote inert', async () => {
    const name = '=HYPERLINK("https://evil.example","open")<script>alert(1)</script>';
    await made201(acme, '/v1/referrals', { prospect: { name, domain: 'hostile-name.example' } });
    const { text } = await operator.get('/ledger/referrals?q=hostile-name.example');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;script&gt;alert(1)');
    const csv = await operator.get('/ledger/exports/referrals.csv?q=hostile-name.example');
    expect(csv.text).toContain(`"'=HYPERLINK(""https://evil.example"",""open"")<script>`);
  });

  it.each(['=1', '+1', '-1', '@a', '\t=1', '\r=1', '\n=1', ' =1', '＝1', '＋1', '－1', '＠a', '\u3000=1', '\u200b=1', '\ufeff@a'])(
    'put %j behind an apostrophe',
    (text) => {
      const cell = tableOf([{ text }], ['text'], false).trimEnd();
      expect(cell.replace(/^"|"$/g, '')).toBe(`'${text}`.trimEnd());
    },
  );
});
