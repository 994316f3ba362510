import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { createKey, grantedScopes, type KeyCreated, type KeyWanted } from '../../src/admin/create-key.ts';
import { staffScopes } from '../../src/domain/scopes.ts';
import { secretHash } from '../../src/domain/secret.ts';
import { openDatabase, select, type TestDesk, vendorFile } from './database.ts';

let desk: TestDesk;
let tenant: string;
beforeAll(async () => {
  desk = await openDatabase();
  const applied = await applyVendor(desk, { raw: vendorFile() });
  tenant = applied.ok ? applied.value.tenant : '';
});
afterAll(() => desk.db.close());

const host = 'desk.example.com';
async function create(wanted: Omit<KeyWanted, 'host' | 'agentName'> & { agentName?: string }): Promise<KeyCreated> {
  const created = await createKey(desk, { host, agentName: 'Agent', ...wanted });
  if (!created.ok) throw new Error(JSON.stringify(created));
  return created.value;
}
const refused = (wanted: Partial<KeyWanted>) =>
  createKey(desk, { host, agentName: 'Agent', organization: { domain: 'acme.com' }, ...wanted });

/** The principal that the database makes of a key. */
async function enter(key: string) {
  const entering = {
    host,
    credential: { kind: 'api_key', hash: secretHash(key) } as const,
    address: 'a',
    network: 'n',
    operation: 'x',
    at: desk.clock,
    charged: false,
  };
  const entered = await desk.memory.load('reader', entering, []);
  return typeof entered === 'string' ? entered : entered.entry.principal;
}

describe('createKey', () => {
  test('a key of an organization enters as its agent, with the scopes of the story', async () => {
    const made = await create({ organization: { domain: 'https://www.acme.co.uk'.slice(8), name: 'Acme' }, agentName: 'Scout' });
    expect(made.key).toMatch(/^fd_key_dev_[0-9A-Za-z]{36}$/);
    expect(await enter(made.key)).toEqual({
      kind: 'agent',
      id: made.organizationId,
      organizationId: made.organizationId,
      agentId: made.agentId,
      workspaceId: null,
      domain: 'acme.co.uk',
      scopes: [...grantedScopes].sort((a, b) => made.scopes.indexOf(a) - made.scopes.indexOf(b)),
      tier: 'key_bound',
      via: { kind: 'api_key', keyId: made.keyId },
    });
  });

  test('the database holds the hash and the last four characters only', async () => {
    const { key, keyId } = await create({ organization: { domain: 'hashed.com' } });
    const [row] = await select(
      desk,
      tenant,
      `select last4, to_jsonb(k)::text as whole from frontdesk.api_keys k where key_id = '${keyId}'`,
    );
    expect(row?.last4).toBe(key.slice(-4));
    expect(row?.whole).not.toContain(key.slice(11, 30));
  });

  test('organization and agent are made once', async () => {
    const first = await create({ organization: { domain: 'twice.com' }, agentName: 'Scout' });
    const second = await create({ organization: { domain: 'shop.twice.com' }, agentName: 'Scout' });
    const third = await create({ organization: { domain: 'twice.com' }, agentName: 'Another' });
    expect(second).toMatchObject({ organizationId: first.organizationId, agentId: first.agentId });
    expect(third).toMatchObject({ organizationId: first.organizationId });
    expect(third.agentId).not.toBe(first.agentId);
    expect(new Set([first.key, second.key, third.key]).size).toBe(3);
  });

  test('ten at once for a new organization make one organization', async () => {
    const made = await Promise.all(Array.from({ length: 10 }, () => refused({ organization: { domain: 'crowd.com' } })));
    const organizations = made.map((result) => (result.ok ? result.value.organizationId : result.code));
    expect(new Set(organizations).size).toBe(1);
  });

  test('a back end reaches the whole tenant and may carry scopes for staff', async () => {
    const made = await create({ scopes: ['events:write', 'referrals:read'], agentName: 'billing' });
    expect(await enter(made.key)).toMatchObject({
      kind: 'backend',
      id: made.keyId,
      organizationId: null,
      tier: 'attested',
      scopes: made.scopes,
    });
    expect([...made.scopes].sort()).toEqual(['events:write', 'referrals:read']);
    const again = await create({ agentName: 'billing' });
    expect(again.agentId).toBe(made.agentId);
  });

  test('an agent of the same name in another organization is another agent', async () => {
    const backend = await create({ agentName: 'Same' });
    const agent = await create({ organization: { domain: 'same.com' }, agentName: 'Same' });
    expect(agent.agentId).not.toBe(backend.agentId);
  });

  test('a key ends when it says', async () => {
    const { key, expiresAt } = await create({ organization: { domain: 'ends.com' }, expiresAt: new Date(desk.clock.getTime() + 60_000) });
    expect(expiresAt).toBe('2026-03-01T09:01:00.000Z');
    expect(await enter(key)).not.toBeNull();
    desk.clock = new Date(desk.clock.getTime() + 60_000);
    expect(await enter(key)).toBeNull();
  });

  test.each([...staffScopes])('%s is never granted to a key with an organization', async (scope) => {
    expect(await refused({ scopes: ['referrals:read', scope] })).toMatchObject({
      ok: false,
      code: 'request.invalid',
      issues: [{ pointer: '/scopes' }],
    });
  });

  test.each<[Partial<KeyWanted>, string]>([
    [{ scopes: ['everything'] }, '/scopes'],
    [{ scopes: [] }, '/scopes'],
    [{ agentName: '\u200b ' }, '/agentName'],
    [{ organization: { domain: 'localhost' } }, '/organization/domain'],
    [{ organization: { domain: '10.0.0.1' } }, '/organization/domain'],
    [{ organization: { domain: "x' or 1=1" } }, '/organization/domain'],
    [{ expiresAt: new Date('2020-01-01T00:00:00.000Z') }, '/expiresAt'],
    [{ expiresAt: new Date(Number.NaN) }, '/expiresAt'],
  ])('%j is refused', async (wanted, pointer) => {
    expect(await refused(wanted)).toMatchObject({ ok: false, code: 'request.invalid', issues: [{ pointer }] });
  });

  test('an unknown host and a changed tier are refused', async () => {
    expect(await refused({ host: 'nobody.example.com' })).toMatchObject({ ok: false, code: 'tenant.unknown' });
    await create({ organization: { domain: 'tier.com' } });
    expect(await refused({ organization: { domain: 'tier.com' }, tier: 'attested' })).toMatchObject({
      ok: false,
      code: 'resource.conflict',
    });
    expect(await refused({ organization: { domain: 'tier.com' }, tier: 'key_bound' })).toMatchObject({ ok: true });
  });
});
