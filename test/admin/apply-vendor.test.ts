import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Applied, applyVendor } from '../../src/admin/apply-vendor.ts';
import { leafHash, sha256Hex } from '../../src/domain/canonical.ts';
import { CapabilitiesDocument } from '../../src/domain/capabilities.ts';
import { ProgramTerms } from '../../src/domain/program.ts';
import { openDatabase, select, type TestDesk, vendorFile as vendorFileAt } from './database.ts';

let desk: TestDesk;
/** Every test has a host of its own, and so a tenant of its own. */
let host: string;
let hosts = 0;
beforeAll(async () => {
  desk = await openDatabase();
});
afterAll(() => desk.db.close());
beforeEach(() => {
  hosts += 1;
  host = `desk${hosts}.example.com`;
});

const vendorFile = (changes: Parameters<typeof vendorFileAt>[0] = {}) => vendorFileAt({ hosts: [host], ...changes });
const day = 86_400_000;
const pass = (ms: number) => {
  desk.clock = new Date(desk.clock.getTime() + ms);
};

async function apply(raw: unknown = vendorFile(), more: { origin?: string; hosts?: readonly string[] } = {}): Promise<Applied> {
  const result = await applyVendor(desk, { raw, ...more });
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.value;
}

const program = (changes: object) => vendorFile({ program: { ...(vendorFile().program as object), ...changes } });
const counts = (tenant: string) =>
  select(
    desk,
    tenant,
    `select (select count(*) from frontdesk.vendor_versions)::int as vendors, (select count(*) from frontdesk.program_versions)::int as programs,
      (select count(*) from frontdesk.signing_keys)::int as keys, (select count(*) from frontdesk.ledger_events)::int as events`,
  );
const capabilities = async (tenant: string) => {
  const [row] = await select(
    desk,
    tenant,
    "select body, etag, issued_at, valid_until from frontdesk.documents where kind = 'capabilities'",
  );
  return { etag: row?.etag, body: row?.body, document: CapabilitiesDocument.parse(JSON.parse(String(row?.body))) };
};

describe('applyVendor', () => {
  test('opens a new tenant in one commit: terms, keys, capabilities, limits, work to do', async () => {
    const applied = await apply();
    expect(applied).toMatchObject({
      tenant: expect.stringMatching(/^ten_[0-7][0-9a-z]{25}$/),
      origin: `https://${host}`,
      hosts: [host],
      revision: 1,
      program: { id: expect.stringMatching(/^prg_/), version: 1 },
      changed: ['tenant', 'vendor', 'program', 'keys', 'capabilities'],
    });
    expect(await counts(applied.tenant)).toEqual([{ vendors: 1, programs: 1, keys: 9, events: 1 }]);
    const [tenant] = await select(desk, applied.tenant, 'select limits from frontdesk.tenants');
    expect(tenant?.limits).toMatchObject({ anonymous: { q: 20, w: 1200 }, api_key: { q: 2000, w: 20 }, workspace: { q: 200, w: 4 } });
    const due = `select kind, at from frontdesk.due_work where tenant_id = '${applied.tenant}' order by kind`;
    expect(await select(desk, applied.tenant, due)).toEqual(
      ['expire', 'qualify', 'seal'].map((kind) => ({ kind, at: desk.clock.toISOString() })),
    );
  });

  test('the published terms have their hash, and their event a leaf', async () => {
    const { tenant, program } = await apply();
    const [terms] = await select(desk, tenant, 'select sha256, terms from frontdesk.program_versions');
    expect(sha256Hex(String(terms?.terms))).toBe(program.sha256);
    expect(ProgramTerms.parse(JSON.parse(String(terms?.terms)))).toMatchObject({ program_id: program.id, version: 1 });
    const [event] = await select(desk, tenant, "select kind, subject_id, body, encode(leaf, 'hex') as leaf from frontdesk.ledger_events");
    expect(event).toMatchObject({ kind: 'program.published', subject_id: program.id, leaf: leafHash(String(event?.body)) });
    expect(JSON.parse(String(event?.body))).toMatchObject({ tenant, program_version: 1, terms_sha256: program.sha256 });
  });

  test('the capabilities document says what was applied and is valid for 30 days', async () => {
    const { tenant, program } = await apply();
    const { document, etag, body } = await capabilities(tenant);
    expect(etag).toBe(`"${sha256Hex(String(body))}"`);
    expect(Date.parse(document.valid_until) - Date.parse(document.issued_at)).toBe(30 * day);
    expect(document.referral).toMatchObject({ program_id: program.id, terms_sha256: program.sha256, rewards_mode: 'disabled' });
  });

  test('applying the same again writes nothing', async () => {
    const { tenant } = await apply();
    const before = [await counts(tenant), await capabilities(tenant)];
    pass(day);
    expect(await apply()).toMatchObject({ tenant, revision: 1, changed: [] });
    expect([await counts(tenant), await capabilities(tenant)]).toEqual(before);
  });

  test('other words change the document, not the terms', async () => {
    const { program } = await apply();
    const applied = await apply(vendorFile({ signup_url: 'https://app.ledgerbridge.example/join' }));
    expect(applied).toMatchObject({ revision: 2, program, changed: ['vendor', 'capabilities'] });
    expect((await capabilities(applied.tenant)).document.links.signup).toBe('https://app.ledgerbridge.example/join');
    expect(await counts(applied.tenant)).toEqual([{ vendors: 2, programs: 1, keys: 9, events: 1 }]);
  });

  test('other terms become the next version; going back is a version again', async () => {
    const first = await apply();
    const second = await apply(program({ hold_days: 45 }));
    const third = await apply();
    expect([second.program.version, third.program.version]).toEqual([2, 3]);
    expect(third.program.sha256).not.toBe(first.program.sha256);
    expect(second).toMatchObject({ tenant: first.tenant, revision: 2, changed: ['vendor', 'program', 'capabilities'] });
    expect(await counts(first.tenant)).toEqual([{ vendors: 3, programs: 3, keys: 9, events: 3 }]);
  });

  test('a host that is added or dropped moves with its tenant', async () => {
    const { tenant } = await apply();
    expect(await apply(vendorFile({ hosts: [host, 'agents.example.com'] }))).toMatchObject({
      tenant,
      changed: ['tenant', 'vendor'],
    });
    const moved = await apply(vendorFile({ hosts: ['agents.example.com'] }));
    expect(moved).toMatchObject({ tenant, origin: 'https://agents.example.com', revision: 3 });
    expect(await select(desk, tenant, `select host from frontdesk.tenant_hosts where tenant_id = '${tenant}'`)).toEqual([
      { host: 'agents.example.com' },
    ]);
  });

  test('origin and hosts can be given for a file that names none', async () => {
    const applied = await apply(vendorFile({ hosts: [] }), { origin: 'http://127.0.0.1:8787', hosts: ['localhost'] });
    expect(applied).toMatchObject({ origin: 'http://127.0.0.1:8787', hosts: ['localhost'] });
    expect(await apply(vendorFile({ hosts: [] }), { origin: 'http://127.0.0.1:9000', hosts: ['localhost'] })).toMatchObject({
      tenant: applied.tenant,
      changed: ['tenant', 'capabilities'],
    });
  });

  test('two vendors at their own hosts are two tenants', async () => {
    const one = await apply();
    const other = await apply(vendorFile({ hosts: ['other.example.com'] }));
    expect(other.tenant).not.toBe(one.tenant);
    expect(await applyVendor(desk, { raw: vendorFile({ hosts: [host, 'other.example.com'] }) })).toMatchObject({
      ok: false,
      code: 'resource.conflict',
    });
  });

  test('a retired key is replaced, and the document signed under the new one', async () => {
    const { tenant } = await apply();
    const retired = "update frontdesk.signing_keys set state = 'retired' where purpose = 'capabilities' returning kid";
    const [old] = await select(desk, tenant, retired);
    const before = await capabilities(tenant);
    expect(await apply()).toMatchObject({ changed: ['keys', 'capabilities'], revision: 2 });
    const after = await capabilities(tenant);
    expect(after.document.signatures[0]?.protected).not.toBe(before.document.signatures[0]?.protected);
    expect(await select(desk, tenant, `select state from frontdesk.signing_keys where kid = '${String(old?.kid)}'`)).toEqual([
      { state: 'retired' },
    ]);
  });

  test.each([
    ['/vendor/id', () => vendorFile({ vendor: { ...(vendorFile().vendor as object), id: 'someone-else' }, performance: [] })],
    ['/program/id', () => program({ id: 'another-program' })],
  ])('a file with another %s is refused, and nothing written', async (pointer, raw) => {
    const { tenant } = await apply();
    expect(await applyVendor(desk, { raw: raw() })).toMatchObject({
      ok: false,
      code: 'request.invalid',
      issues: [{ pointer, code: 'immutable' }],
    });
    expect(await counts(tenant)).toEqual([{ vendors: 1, programs: 1, keys: 9, events: 1 }]);
  });

  test.each([null, [], 'x', {}, { ...vendorFileAt(), surprise: 1 }].map((raw) => ({ raw })))(
    'unreadable file %# is refused with its issues',
    async ({ raw }) => {
      const refused = await applyVendor(desk, { raw });
      expect(refused).toMatchObject({ ok: false, code: 'request.invalid', issues: expect.any(Array) });
    },
  );

  test('a file without hosts is refused when none are given', async () => {
    expect(await applyVendor(desk, { raw: vendorFile({ hosts: [] }) })).toMatchObject({ ok: false, issues: [{ pointer: '/hosts' }] });
  });

  test('ten at once open one tenant with one version', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => applyVendor(desk, { raw: vendorFile() })));
    const tenants = new Set(all.map((result) => (result.ok ? result.value.tenant : result.code)));
    expect(tenants.size).toBe(1);
    expect(await counts([...tenants][0] ?? '')).toEqual([{ vendors: 1, programs: 1, keys: 9, events: 1 }]);
  });
});
