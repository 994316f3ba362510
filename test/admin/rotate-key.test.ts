import { compactVerify, createLocalJWKSet, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDesk } from '../../src/access/open-desk.ts';
import { purposes } from '../../src/access/signing-key.ts';
import { applyVendor } from '../../src/admin/apply-vendor.ts';
import { adminCommands } from '../../src/admin/commands.ts';
import { type KeyRevoked, revokeKey } from '../../src/admin/revoke-key.ts';
import { type KeyRotated, type RotationWanted, rotateKey } from '../../src/admin/rotate-key.ts';
import type { CapabilitiesDocument } from '../../src/domain/capabilities.ts';
import type { Desk } from '../../src/operations/desk.ts';
import { asSuperuser, openDatabase, select, type TestDesk, vendorFile } from './database.ts';

let admin: TestDesk;
let host: string;
let tenant: string;
let made = 0;
beforeAll(async () => {
  admin = await openDatabase();
});
afterAll(() => admin.db.close());
beforeEach(async () => {
  host = `desk-${++made}.example.com`;
  const applied = await applyVendor(admin, { raw: vendorFile({ hosts: [host] }) });
  tenant = applied.ok ? applied.value.tenant : '';
});

async function opened(): Promise<Desk> {
  const desk = await openDesk(admin, host, null);
  if (!desk) throw new Error('no desk');
  return desk;
}
async function rotate(wanted: Omit<RotationWanted, 'host'>): Promise<KeyRotated> {
  const rotated = await rotateKey(admin, { host, ...wanted });
  if (!rotated.ok) throw new Error(JSON.stringify(rotated));
  return rotated.value;
}
async function revoke(kid: string): Promise<KeyRevoked> {
  const revoked = await revokeKey(admin, { host, kid });
  if (!revoked.ok) throw new Error(JSON.stringify(revoked));
  return revoked.value;
}
const published = ({ jwks }: Desk) => jwks.value as { keys: JWK[] };
const kidsOf = (desk: Desk) => published(desk).keys.map(({ kid }) => kid);
const signersOf = ({ capabilities }: Desk) =>
  (capabilities.value as CapabilitiesDocument).signatures.map((signature) => String(decodeProtectedHeader(signature).kid));
const activeKeys = (purpose: string) =>
  select(
    admin,
    tenant,
    `select kid, algorithm from frontdesk.signing_keys where purpose = '${purpose}' and state = 'active' order by algorithm`,
  );
const effects = () => select(admin, tenant, "select kind, aggregate, payload from frontdesk.outbox where kind = 'signing_key.revoked'");

function claimsAt(desk: Desk) {
  const iat = Math.floor(admin.clock.getTime() / 1000);
  return {
    iss: desk.origin,
    aud: desk.origin,
    tid: desk.tenant,
    org: 'org_00000000000000000000000001',
    jti: 'rtk_00000000000000000000000001',
    iat,
    nbf: iat,
    exp: iat + 3600,
    dep: 0,
    terms_sha256: desk.program.sha256,
  };
}

describe('rotateKey', () => {
  test('a new key signs from the next revision on; what the old one signed keeps verifying', async () => {
    const before = await opened();
    const receipt = await before.sign('receipts', { sub: 'ref_1' });
    const { kid, retired, revision } = await rotate({ purpose: 'receipts' });
    const after = await opened();
    expect([after.signingKid('receipts'), retired, revision]).toEqual([kid, [before.signingKid('receipts')], before.revision + 1]);
    expect(after.revision).toBe(revision);
    expect((await compactVerify(receipt, createLocalJWKSet(published(after)))).protectedHeader.kid).toBe(retired[0]);
    expect(await after.signAgain('receipts', { sub: 'ref_1' }, retired[0] ?? '')).toBe(receipt);
  });

  test('an older referral token verifies, and is shown again, after its key retired', async () => {
    const before = await opened();
    const token = await before.sign('referral_tokens', claimsAt(before));
    const { retired } = await rotate({ purpose: 'referral_tokens' });
    const after = await opened();
    expect(await after.verifyReferralToken(token, admin.clock)).toMatchObject({ jti: claimsAt(before).jti });
    expect(await after.signAgain('referral_tokens', claimsAt(before), retired[0] ?? '')).toBe(token);
  });

  test.each(['HS256', 'EdDSA'] as const)('the %s key of referral tokens rotates without the other one', async (algorithm) => {
    const before = await opened();
    const rotated = await rotate({ purpose: 'referral_tokens', algorithm });
    const after = await opened();
    for (const each of ['HS256', 'EdDSA'] as const) {
      const expected = each === algorithm ? rotated.kid : before.signingKid('referral_tokens', each);
      expect(after.signingKid('referral_tokens', each)).toBe(expected);
    }
    expect(rotated).toMatchObject({ tenant, purpose: 'referral_tokens', algorithm });
    expect(kidsOf(after).includes(rotated.kid)).toBe(algorithm === 'EdDSA');
  });

  test('where a tenant of an older release has no Ed25519 key for referral tokens, it gets one and loses none', async () => {
    const condition = "purpose = 'referral_tokens' and algorithm = 'EdDSA'";
    await asSuperuser(admin, `delete from frontdesk.signing_keys where tenant_id = '${tenant}' and ${condition}`);
    expect((await opened()).canSign('referral_tokens', 'EdDSA')).toBe(false);
    const { kid, retired } = await rotate({ purpose: 'referral_tokens', algorithm: 'EdDSA' });
    expect(retired).toEqual([]);
    expect((await opened()).signingKid('referral_tokens', 'EdDSA')).toBe(kid);
    expect((await activeKeys('referral_tokens')).map(({ algorithm }) => algorithm)).toEqual(['EdDSA', 'HS256']);
  });

  test('rotating the key of the capabilities signs the document again, in the same commit', async () => {
    const { kid } = await rotate({ purpose: 'capabilities' });
    expect(signersOf(await opened())).toEqual([kid]);
  });

  test.each([...purposes])('%s keeps exactly one active key of its kind, however many rotate at once', async (purpose) => {
    const both = await Promise.all([rotate({ purpose }), rotate({ purpose })]);
    const [{ algorithm }] = both;
    const active = (await activeKeys(purpose)).filter((key) => key.algorithm === algorithm);
    expect(active).toHaveLength(1);
    expect(both.map(({ kid }) => kid)).toContain(active[0]?.kid);
  });

  test.each<[Partial<RotationWanted>, object]>([
    [{ purpose: 'passwords' }, { code: 'request.invalid', issues: [{ pointer: '/purpose' }] }],
    [{ purpose: '__proto__' }, { code: 'request.invalid', issues: [{ pointer: '/purpose' }] }],
    [{ algorithm: 'none' }, { code: 'request.invalid', issues: [{ pointer: '/algorithm' }] }],
    [
      { purpose: 'receipts', algorithm: 'HS256' },
      { code: 'request.invalid', issues: [{ pointer: '/algorithm' }] },
    ],
    [{ host: 'nobody.example' }, { code: 'tenant.unknown' }],
  ])('%j is refused, and nothing changes', async (wanted, expected) => {
    const { revision } = await opened();
    expect(await rotateKey(admin, { host, purpose: 'referral_tokens', ...wanted })).toMatchObject({ ok: false, ...expected });
    expect((await opened()).revision).toBe(revision);
  });
});

describe('revokeKey', () => {
  test.each(['HS256', 'EdDSA'] as const)('ends an %s key of referral tokens at once: no token under it verifies', async (algorithm) => {
    const before = await opened();
    const kid = before.signingKid('referral_tokens', algorithm);
    const token = await before.sign('referral_tokens', claimsAt(before), kid);
    await revoke(kid);
    const after = await opened();
    expect(await after.verifyReferralToken(token, admin.clock)).toBeNull();
    expect(await after.signAgain('referral_tokens', claimsAt(before), kid)).toBeNull();
    expect(kidsOf(after)).not.toContain(kid);
  });

  test('what it leaves without an active key has a new one from the same revision on', async () => {
    const before = await opened();
    const { replacedBy, revision } = await revoke(before.signingKid('referral_tokens'));
    const after = await opened();
    expect([after.signingKid('referral_tokens'), after.revision]).toEqual([replacedBy, revision]);
    expect(revision).toBe(before.revision + 1);
  });

  test('a retired key can be revoked, and the active one stays', async () => {
    const { kid, retired } = await rotate({ purpose: 'receipts' });
    expect(await revoke(retired[0] ?? '')).toMatchObject({ purpose: 'receipts', algorithm: 'EdDSA', replacedBy: null, revision: 3 });
    const after = await opened();
    expect([after.signingKid('receipts'), after.revision]).toEqual([kid, 3]);
    expect(kidsOf(after)).not.toContain(retired[0]);
  });

  test('revoking the key of the capabilities signs the document again, in the same commit', async () => {
    const { replacedBy } = await revoke(signersOf(await opened())[0] ?? '');
    expect(signersOf(await opened())).toEqual([replacedBy]);
  });

  test('has open referrals under a key of referral tokens looked at, and under no other key', async () => {
    const desk = await opened();
    await revoke(desk.signingKid('receipts'));
    expect(await effects()).toEqual([]);
    const kid = desk.signingKid('referral_tokens', 'EdDSA');
    await revoke(kid);
    expect(await effects()).toEqual([{ kind: 'signing_key.revoked', aggregate: `key:${kid}`, payload: { kid } }]);
  });

  test('twice is once', async () => {
    const kid = (await opened()).signingKid('referral_tokens');
    await revoke(kid);
    const { revision } = await opened();
    expect(await revoke(kid)).toMatchObject({ kid, replacedBy: null, revision: null });
    expect([(await opened()).revision, (await effects()).length]).toEqual([revision, 1]);
  });

  test('an unknown key, and the key of another tenant, are not found', async () => {
    const foreign = (await opened()).signingKid('receipts');
    await applyVendor(admin, { raw: vendorFile({ hosts: ['other.example.com'] }) });
    for (const [at, kid] of [
      [host, 'x'.repeat(43)],
      [host, ''],
      ['other.example.com', foreign],
    ] as const)
      expect(await revokeKey(admin, { host: at, kid })).toMatchObject({ ok: false, code: 'resource.not_found' });
    expect(kidsOf(await opened())).toContain(foreign);
    expect(await revokeKey(admin, { host: 'nobody.example', kid: foreign })).toMatchObject({ ok: false, code: 'tenant.unknown' });
  });
});

test('both are commands of a running server', async () => {
  const commands = adminCommands(
    admin,
    async () => ({ ok: true, checks: [] }),
    () => undefined,
  );
  const rotated = (await commands['key.rotate']({ host, purpose: 'referral_tokens', algorithm: 'EdDSA' })) as { value: KeyRotated };
  expect(rotated).toMatchObject({ ok: true, value: { algorithm: 'EdDSA' } });
  expect(await commands['key.revoke']({ host, kid: rotated.value.kid })).toMatchObject({ ok: true, value: { kid: rotated.value.kid } });
  await expect((async () => commands['key.rotate']({ host, purpose: 7 }))()).rejects.toThrow();
});
