import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { JSONWebKeySet } from 'jose';
import type { Desk, ProvenReceipt, ProvisionedReferral } from './desk.ts';
import { expect, fail, granted, refused, rejects } from './expectations.ts';
import type { Say } from './narrator.ts';
import { verifyProof } from './verify-proof.ts';
import { forge, verifyReceipt } from './verify-signatures.ts';

/** Answers the id of the ledger entry that made the referral; null when newer events have pushed it out of the timeline. */
export async function findReferral(desk: Desk, key: string, { id, receipt }: ProvisionedReferral, say: Say): Promise<string | null> {
  const detail = granted(await desk.call('get_referral', { referral_id: id }, { key }), 'Reading the referral').body;
  expect(detail.status === 'pending', `The referral is ${detail.status}, not pending.`);
  expect(detail.receipt === receipt, 'The referral is shown with another receipt.');
  const { timeline } = detail;
  const created = timeline.find(({ kind }) => kind === 'referral.created');
  expect(created || timeline.length >= timelineLength, 'The timeline does not say when the referral was made.');
  say('status', detail.status);
  for (const { at, kind, entry_id } of timeline.slice(0, 3)) say('timeline', `${at}  ${kind}  ${entry_id}`);
  if (timeline.length > 3) say('', `and ${timeline.length - 3} later`);
  say('listed', `among ${await placeInList(desk, key, id)} pending, newest first`);
  return created?.entry_id ?? null;
}

/** How many events a timeline shows at most: the newest. */
const timelineLength = 100;

/** Follows the pages of pending referrals until this one is there; answers how many were read. */
async function placeInList(desk: Desk, key: string, id: string): Promise<number> {
  let asked: { status: string; limit: number; cursor?: string } = { status: 'pending', limit: 100 };
  for (let seen = 0; ; ) {
    const page = granted(await desk.call('list_referrals', asked, { key }), 'Listing referrals').body;
    seen += page.data.length;
    if (page.data.some((referral) => referral.id === id)) return seen;
    if (page.next_cursor === null) return fail('list_referrals does not show the referral.');
    asked = { ...asked, cursor: page.next_cursor };
  }
}

export async function checkReceipt(referral: ProvisionedReferral, entryId: string | null, keys: JSONWebKeySet, say: Say): Promise<void> {
  const { kid, claims, text } = await verifyReceipt(referral.receipt, keys).catch((error: unknown) =>
    fail(`The receipt does not verify: ${error}`),
  );
  expect(claims.sub === referral.id && claims.organization === referral.organization_id, 'The receipt names another referral.');
  expect(claims.jti === (entryId ?? claims.jti), 'The receipt names another ledger entry.');
  expect(/^led_/.test(claims.jti) && /^[0-9a-f]{64}$/.test(claims.leaf), 'The receipt does not name an entry and its leaf.');
  expect(claims.seal_by > claims.iat, 'The receipt does not promise by when its entry is sealed.');
  expect(isDeepStrictEqual(claims.terms, referral.terms), 'The receipt names other terms.');
  expect(!/northwind/i.test(text), 'The receipt names the prospect.');
  say('signed by', kid);
  say('entry', claims.jti);
  say('leaf', claims.leaf);
  say('sealed by', new Date(claims.seal_by * 1000).toISOString());
  say('for', claims.organization);
  say('terms', `version ${claims.terms.version}, sha256 ${claims.terms.sha256}`);
  await rejects(verifyReceipt(forge(referral.receipt, { organization: 'org_somebodyelse' }), keys), 'A forged receipt verifies.');
  say('tampered', 'a copy that names somebody else does not verify');
}

/** Waits for the seal, which comes within seconds, and follows the proof offline. */
export async function checkProof(desk: Desk, key: string, referral: ProvisionedReferral, keys: JSONWebKeySet, say: Say): Promise<void> {
  const proven = await sealedReceipt(desk, key, referral.id);
  expect(proven.receipt === referral.receipt, 'The sealed receipt is another one.');
  verifyProof(proven, keys);
  say('sealed in', `block ${proven.proof?.block}, leaf ${proven.proof?.index} of ${proven.proof?.block_header.leaves}`);
  say('checkpoint', `${proven.checkpoint?.size} blocks, root ${proven.checkpoint?.root}`);
  const moved = { ...proven, leaf: proven.leaf.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) };
  await rejects(
    Promise.resolve().then(() => verifyProof(moved, keys)),
    'A leaf with one bit changed leads to the same checkpoint.',
  );
  say('tampered', 'a leaf with one bit changed leads nowhere');
}

async function sealedReceipt(desk: Desk, key: string, referralId: string): Promise<ProvenReceipt> {
  for (let asked = 0; asked < 60; asked++) {
    const { body } = granted(await desk.call('get_receipt', { referral_id: referralId }, { key }), 'Reading the receipt');
    if (body.proof !== null) return body;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return fail('The receipt was not sealed within half a minute.');
}

export async function passOn(
  desk: Desk,
  keys: { readonly acme: string; readonly procura: string },
  acmeId: string,
  say: Say,
): Promise<void> {
  const asked = { idempotency_key: randomUUID(), campaign: 'agent-story', ttl_days: 30 };
  const token = granted(await desk.call('create_referral_token', asked, { key: keys.acme }), 'Creating a referral token').body;
  expect(/^[0-9A-Za-z]{8}$/.test(token.code), 'The token has no code of eight characters.');
  say('token', `code ${token.code}, link ${token.url}, until ${token.expires_at}`);

  const prospect = { name: 'Blue Harbor Lines', domain: 'blue-harbor-lines.example' };
  const record = (attribution: object) =>
    desk.call('record_referral', { idempotency_key: randomUUID(), prospect, attribution }, { key: keys.procura });
  const recorded = granted(await record({ referral_code: token.code }), 'Recording with the code').body;
  expect(recorded.referral?.organization_id === acmeId, 'The code of Acme Ops did not credit Acme Ops.');
  expect(recorded.receipt, 'There is no receipt.');
  say('credited', `${recorded.referral.organization_id} (Acme Ops), though another organization called: ${recorded.attribution.outcome}`);
  refused(
    await record({ referral_token: forge(token.token, { cmp: 'another' }) }),
    422,
    'attribution.token_invalid',
    'A tampered referral token',
  );
  say('tampered', 'refused, 422 attribution.token_invalid');
}

export async function meetStranger(desk: Desk, acme: string, ours: { readonly workspaceId: string }, say: Say): Promise<void> {
  const asked = { prospect: { name: 'Tidewater Parts', domain: 'tidewater-parts.example' }, seed_rows: 1, ttl_hours: 1 };
  // Without a credential the key is all that tells callers apart, so it has to be unguessable: 122 random bits here.
  const { body } = granted(await desk.call('provision_workspace', { ...asked, idempotency_key: randomUUID() }), 'Anonymous provisioning');
  const { workspace, credentials, referral, attribution } = body;
  expect(workspace && credentials, 'The stranger got no workspace.');
  expect(referral === null && attribution.outcome === 'unattributed', 'Somebody was credited for a stranger.');
  say('stranger', `${workspace.id}, nobody credited`);
  const theirs = await desk.call('get_workspace', { workspace_id: workspace.id }, { key: acme });
  refused(theirs, 404, 'resource.not_found', 'Reading the workspace of a stranger');
  const acmes = await desk.call('get_workspace', { workspace_id: ours.workspaceId, workspace_key: credentials.api_key });
  refused(acmes, 404, 'resource.not_found', 'Reading the workspace of Acme Ops as a stranger');
  say('apart', 'each sees 404 in place of the other');
}
