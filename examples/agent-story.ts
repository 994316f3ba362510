import type { Desk } from './desk.ts';
import { askAgain, discover, readTerms, verify } from './evaluate-vendor.ts';
import { expect } from './expectations.ts';
import type { Narrator } from './narrator.ts';
import { checkProof, checkReceipt, findReferral, meetStranger, passOn } from './prove-referral.ts';
import { provision, provisionIntent, rehearse, repeat, useWorkspace } from './use-sandbox.ts';

/** Who plays, and where the vendor's public keys are. */
export interface Cast {
  /** API key of Acme Ops, whose agent tells the story. */
  readonly acme: string;
  /** API key of another organization. */
  readonly procura: string;
  readonly jwksUrl: string;
}

/**
 * An agent of Acme Ops finds that Northwind Freight's CRM-to-billing sync takes 240 ms, evaluates a vendor, opens a sandbox in
 * Northwind's own shape, and holds a signed receipt for the referral. Every step checks what it tells; the first one that is off
 * rejects with a sentence. Safe to repeat: a referral of an earlier run is found again.
 */
export async function agentStory(desk: Desk, { acme, procura, jwksUrl }: Cast, { step, skip }: Narrator): Promise<void> {
  const found = await step('Discover the vendor', (say) => discover(desk, say));
  const document = found.body;
  const keys = await step('Verify the signature of what it says', (say) => verify(document, jwksUrl, say));
  const { revalidate } = desk;
  if (revalidate) await step('Ask again, and get nothing new', (say) => askAgain(revalidate, found.etag, say));
  else skip('Ask again, and get nothing new', `MCP has no conditional requests: keep the document until ${document.valid_until}`);
  await step('Read the referral terms', (say) => readTerms(desk, document, say));

  await step('Try the schema without opening anything', (say) => rehearse(desk, acme, say));
  const intent = provisionIntent(document.referral.terms_sha256);
  const first = await step('Open a sandbox shaped like Northwind', (say) => provision(desk, acme, intent, say));
  const { workspace, credentials, referral } = first.body;
  expect(workspace && credentials && referral, 'Provisioning answered without a workspace, credentials or a referral.');
  await step('Write rows and read them back', (say) => useWorkspace(desk, workspace.id, credentials.api_key, say));

  const entryId = await step('See the referral in the ledger', (say) => findReferral(desk, acme, referral, say));
  await step('Verify the receipt offline', (say) => checkReceipt(referral, entryId, keys, say));
  await step('See it sealed, and follow the proof offline', (say) => checkProof(desk, acme, referral, keys, say));
  await step('Send the same request again', (say) => repeat(desk, acme, intent, first, say));
  await step('Let another agent present a referral code', (say) => passOn(desk, { acme, procura }, referral.organization_id, say));
  await step('Keep strangers apart', (say) => meetStranger(desk, acme, { workspaceId: workspace.id }, say));
}
