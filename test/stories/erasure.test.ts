import { beforeAll, describe, expect, it } from 'vitest';
import { verifyReceiptFile } from '../../scripts/verify-ledger/verify-receipt.ts';
import { eraseProspect } from '../../src/admin/erase-prospect.ts';
import { readJwks } from '../../src/domain/verification/jwks.ts';
import { made201, type Stage, stageOf } from '../support/examples.ts';
import { expectWhole } from '../support/ledger-writing.ts';
import { sealAt } from '../support/seal.ts';
import { sql, tenantAt } from '../support/sql.ts';
import { demoHost, openTestWorld, otherHost, type TestWorld } from '../support/world.ts';

let t: TestWorld;
let acme: Stage;
let rival: Stage;
beforeAll(async () => {
  t = await openTestWorld();
  [acme, rival] = [await stageOf(t), await stageOf(t)];
});

let made = 0;
const freshDomain = () => `forget-me-${++made}.example`;
const erase = (domain: string, host = demoHost) => eraseProspect(t.world.admin, { host, domain });

/** A prospect with two referrals, a workspace, a report and a dispute text. */
async function known(domain: string) {
  const prospect = { name: 'Margarete Muster GmbH', domain, contact_email: `margarete@${domain}` };
  const { referral } = await made201(acme, '/v1/referrals', { prospect, note: 'Ask for Margarete.' });
  const theirs = await made201(rival, '/v1/workspaces/provision', { prospect });
  const [row] = await sql(t, 'select s.prospect_id from frontdesk.referral_states s where s.referral_id = $1', [referral.id]);
  const [tenant, prospectId] = [await tenantAt(t, demoHost), String(row?.prospect_id)];
  await sql(
    t,
    `insert into frontdesk.reports (tenant_id, source, report_id, type, fingerprint, occurred_at, received_at, prospect_id, data)
     values ($1, 'vendor', $2, 't', 'f', now(), now(), $2, '{"note": "Margarete paid"}')`,
    [tenant, prospectId],
  );
  await sql(
    t,
    `insert into frontdesk.disputes (tenant_id, dispute_id, organization_id, program_id, prospect_id, status, opened_at, decided_at, decide_by)
     values ($1, 'dsp_' || $2, 'org_1', 'prg_1', $2, 'denied', now(), now(), now())`,
    [tenant, prospectId],
  );
  await sql(
    t,
    `insert into frontdesk.dispute_evidence (tenant_id, evidence_id, dispute_id, added_by, content, created_at)
     values ($1, 'dev_' || $2, 'dsp_' || $2, 'org_1', '{"salt": "5a17", "text": {"body": "Margarete said so"}, "referral": "ref_1"}', now())`,
    [tenant, prospectId],
  );
  return { prospectId, referralId: String(referral.id), workspaceId: String(theirs.workspace.id) };
}

/** Every row of every table as text. */
async function everything(): Promise<string> {
  const tables = await sql(
    t,
    `select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'frontdesk' and c.relkind = 'r'`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const [row] = await sql(t, `select coalesce(string_agg(r::text, ' '), '') as text from frontdesk.${String(name)} r`);
    texts.push(String(row?.text));
  }
  return texts.join('\n');
}

describe('an erased prospect', () => {
  it('leaves no word and no domain of its own in any table', async () => {
    const domain = freshDomain();
    await known(domain);
    expect(await everything()).toContain('Margarete');
    expect(await erase(domain)).toMatchObject({ ok: true, value: { forgotten: 2, emptied: 3 } });
    const left = await everything();
    expect(left).not.toContain('Margarete');
    expect(left).not.toContain(domain);
  });

  it('is written down by its id alone', async () => {
    const domain = freshDomain();
    const { prospectId } = await known(domain);
    await erase(domain);
    const [event] = await sql(t, "select e.body from frontdesk.ledger_events e where e.kind = 'prospect.erased' and e.subject_id = $1", [
      prospectId,
    ]);
    const { event: id, recorded_at, tenant, ...facts } = JSON.parse(String(event?.body));
    expect(facts).toEqual({ v: 1, kind: 'prospect.erased', subject: prospectId, organization: null });
  });

  it('leaves receipts, proofs and the whole chain as they were', async () => {
    const domain = freshDomain();
    const { referralId } = await known(domain);
    await sealAt(t);
    const before = await t.send('GET', `/v1/referrals/${referralId}/receipt`, acme);
    await erase(domain);
    await sealAt(t);
    const after = await t.send('GET', `/v1/referrals/${referralId}/receipt`, acme);
    const keys = readJwks((await t.send('GET', '/.well-known/jwks.json')).body) ?? [];
    for (const { text } of [before, after]) expect(verifyReceiptFile(text, keys)).toMatchObject({ ok: true, included: expect.anything() });
    expect(after.body.leaf).toBe(before.body.leaf);
    await expectWhole(t);
  });

  it('leaves its referrals to be read, without a word', async () => {
    const domain = freshDomain();
    const { referralId, workspaceId } = await known(domain);
    await erase(domain);
    expect((await t.send('GET', `/v1/referrals/${referralId}`, acme)).body).toMatchObject({ id: referralId, untrusted: {} });
    expect((await t.send('GET', `/v1/workspaces/${workspaceId}`, rival)).body).toMatchObject({ id: workspaceId, untrusted: {} });
  });

  it('is a stranger when it comes again', async () => {
    const domain = freshDomain();
    const { referralId } = await known(domain);
    await erase(domain);
    const again = await made201(acme, '/v1/referrals', { prospect: { name: 'M', domain } });
    expect(again.referral.id).not.toBe(referralId);
    expect(await erase(domain)).toMatchObject({ ok: true, value: { forgotten: 1 } });
    expect(await erase(domain)).toMatchObject({ ok: false, code: 'resource.not_found' });
  });

  it('touches no other prospect and no other tenant', async () => {
    const [domain, other] = [freshDomain(), freshDomain()];
    await known(domain);
    const kept = await known(other);
    expect(await erase(domain, otherHost)).toMatchObject({ ok: false, code: 'resource.not_found' });
    await erase(domain);
    expect((await t.send('GET', `/v1/referrals/${kept.referralId}`, acme)).body.untrusted.prospect.name).toBe('Margarete Muster GmbH');
  });
});

it.each([
  ['an unknown host', { host: 'nobody.example', domain: 'a.example' }, 'tenant.unknown'],
  ['what is no domain', { host: demoHost, domain: 'localhost' }, 'request.invalid'],
  ['a domain that nobody referred', { host: demoHost, domain: 'never-seen.example' }, 'resource.not_found'],
])('%s is refused', async (_, wanted, code) => {
  expect(await eraseProspect(t.world.admin, wanted)).toMatchObject({ ok: false, code });
});
