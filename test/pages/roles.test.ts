import { beforeAll, describe, expect, it } from 'vitest';
import { type Role, roles } from '../../src/domain/actor.ts';
import { scopesOfRole } from '../../src/domain/scopes.ts';
import { mayAsk } from '../../src/domain/visibility.ts';
import type { LedgerPage } from '../../src/web/ledger/definition.ts';
import { ledgerPages } from '../../src/web/ledger/pages.ts';
import type { Browser } from '../support/browser.ts';
import { type Stage, stageOf } from '../support/examples.ts';
import { organizationOf } from '../support/organization-of.ts';
import { pageAddress } from '../support/page-address.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let organizationId: string;
const browsers = new Map<Role, Browser>();
/** A partner of somebody else. */
let stranger: Browser;

beforeAll(async () => {
  t = await openTestWorld();
  acme = await stageOf(t);
  organizationId = await organizationOf(acme);
  for (const role of roles) {
    const isMember = role === 'partner' || role === 'channel_manager';
    browsers.set(role, await roleBrowser(t, role, isMember ? { organizationIds: [organizationId] } : {}));
  }
  stranger = await roleBrowser(t, 'partner', { organizationIds: [await organizationOf(await stageOf(t))] });
});

const browserOf = (role: Role): Browser => browsers.get(role) ?? stranger;

/** Whether the role has every scope that the page's operations need, from what they declare and nothing else. */
function isOpenTo(page: LedgerPage, role: Role): boolean {
  const principal = { kind: 'person' as const, person: { role, organizationIds: [], steppedUpAt: null }, scopes: scopesOfRole[role] };
  return Object.values(page.asks).every(({ kind, access }) => access === 'public' || mayAsk(principal, { kind, scope: access.scope }));
}

const addressOf = (page: LedgerPage): Promise<string> => pageAddress(page, acme);
const isAboutOne = ({ path }: LedgerPage): boolean => path.includes('{');

describe.each(ledgerPages.map((page) => [page.path, page] as const))('%s', (_, page) => {
  it('is there for whom its operations are open, and for nobody else', async () => {
    const address = await addressOf(page);
    const found = await Promise.all(roles.map(async (role) => [role, (await browserOf(role).get(address)).status] as const));
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(roles.map((role) => [role, isOpenTo(page, role) ? 200 : 404])));
  });

  it('offers whoever only looks no form to act with', async () => {
    const answer = await browserOf('auditor').get(await addressOf(page));
    const forms = [...answer.text.matchAll(/<form method="post" action="([^"]+)"/g)].map(([, action]) => action);
    expect(forms.filter((action) => !['/logout', '/ledger/preferences'].includes(action ?? ''))).toEqual([]);
  });
});

describe('a partner who edits the address', () => {
  it.each(ledgerPages.filter(isAboutOne).map((page) => [page.path, page] as const))(
    'finds no %s of another organization',
    async (_, page) => {
      const answer = await stranger.get(await addressOf(page));
      expect([answer.status, answer.text.includes(organizationId)]).toEqual([404, false]);
    },
  );
});

describe('an operator who looks as somebody else', () => {
  it.each(ledgerPages.map((page) => [page.path, page] as const))('sees %s as they would', async (_, page) => {
    const address = await addressOf(page);
    const viewing = await roleBrowser(t, 'operator');
    await viewing.post('/ledger/view-as', { role: 'partner', organization_id: organizationId });
    const [seen, own] = [await viewing.get(address), await browserOf('partner').get(address)];
    expect([seen.status, shownOn(seen.text)]).toEqual([own.status, shownOn(own.text)]);
  });

  it('changes nothing, and is an operator again when it ends', async () => {
    const viewing = await roleBrowser(t, 'operator', { steppedUp: true });
    await viewing.post('/ledger/view-as', { role: 'auditor' });
    expect((await viewing.get('/ledger/members')).text).not.toContain('method="post" action="/ledger/members');
    await viewing.post('/ledger/view-as', { role: '' });
    expect((await viewing.get('/ledger/members')).text).toContain('method="post" action="/ledger/members');
  });

  it('is nobody but an operator: of others the wish is not read', async () => {
    const partner = await roleBrowser(t, 'partner', { organizationIds: [organizationId] });
    await partner.post('/ledger/view-as', { role: 'auditor' });
    expect((await partner.get('/ledger/members')).status).toBe(404);
  });
});

/** What a page shows of anything: every id, every text of a stranger, every number of a table. What could be done there aside. */
function shownOn(text: string): readonly string[] {
  const main = (/<main[\s\S]*<\/main>/.exec(text)?.[0] ?? '').replace(/<form[\s\S]*?<\/form>/g, '');
  const shown = main.matchAll(/\b[a-z]{2,4}_[0-9a-z]{26}\b|<bdi>[^<]*<\/bdi>|<td class="num">[\s\S]*?<\/td>/g);
  // The account is that of whoever looks.
  return [...new Set([...shown].map(([one]) => one))].filter((one) => !one.startsWith('psn_')).sort();
}
