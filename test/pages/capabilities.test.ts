import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { reissueCapabilities } from '../../src/admin/reissue-capabilities.ts';
import type { Browser } from '../support/browser.ts';
import { staffStage, stageOf } from '../support/examples.ts';
import { organizationOf } from '../support/organization-of.ts';
import { roleBrowser } from '../support/role-browser.ts';
import { demoHost, openTestWorld, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let auditor: Browser;
beforeAll(async () => {
  t = await openTestWorld();
  auditor = await roleBrowser(t, 'auditor');
});

const versions = async (): Promise<readonly { version: number; changes: readonly object[] | null }[]> =>
  (await t.send('GET', '/v1/capabilities/versions', { key: (await staffStage(t, demoHost, ['referrals:read'])).key })).body.data;

async function apply(change: (file: { features: { id: string; name: string; status: string }[] }) => void): Promise<void> {
  const raw = JSON.parse(await readFile(new URL('../../vendor/ledgerbridge.json', import.meta.url), 'utf8'));
  change(raw);
  const applied = await applyVendor(t.world.admin, { raw, origin: 'http://localhost', hosts: [demoHost] });
  if (!applied.ok) throw new Error(JSON.stringify(applied));
  await t.world.deps.desks.reopen(demoHost);
}

it('shows what agents read, that it is signed by a key of the desk, and its terms', async () => {
  const { status, text } = await auditor.get('/ledger/capabilities');
  expect(status).toBe(200);
  for (const part of ['Field mapping', 'HubSpot', 'valid</span>', '/v1/programs/prg_', '$50.00']) expect(text).toContain(part);
});

it('shows what it said before to the vendor’s own people only', async () => {
  const stage = await stageOf(t);
  expect((await t.send('GET', '/v1/capabilities/versions', { key: stage.key })).body.code).toBe('resource.not_found');
  const partner = await roleBrowser(t, 'partner', { organizationIds: [await organizationOf(stage)] });
  const { status, text } = await partner.get('/ledger/capabilities');
  expect([status, text.includes('id="changes"')]).toEqual([200, false]);
  expect((await auditor.get('/ledger/capabilities')).text).toContain('id="changes"');
});

it('keeps the first version, and none that was only signed again', async () => {
  expect(await versions()).toMatchObject([{ version: 1, changes: null }]);
  const { etag } = ((await auditor.get('/ledger/capabilities')) && (await t.world.deps.desks.find(demoHost))?.capabilities) || { etag: '' };
  t.advance(20 * 86_400_000);
  expect(await reissueCapabilities(t.world.admin)).toMatchObject({ reissued: 2 });
  expect((await t.world.deps.desks.reopen(demoHost))?.capabilities.etag).not.toBe(etag);
  expect(await versions()).toHaveLength(1);
});

it('shows what a change of the vendor file changed, by pointer, from old to new', async () => {
  await apply(({ features }) => {
    const [first] = features;
    if (first) Object.assign(first, { status: 'beta' });
    features.splice(3, 1);
  });
  const [latest] = await versions();
  expect(latest).toMatchObject({
    version: 2,
    changes: [
      { pointer: '/features/0/status', kind: 'changed', item: 'field-mapping', before: 'ga', after: 'beta' },
      { pointer: '/features/3', kind: 'removed', item: 'dedupe' },
    ],
  });
  const reader = await roleBrowser(t, 'auditor');
  expect((await reader.get('/ledger/capabilities')).text).toMatch(/<del>ga<\/del>[\s\S]*<ins>beta<\/ins>/);
});
