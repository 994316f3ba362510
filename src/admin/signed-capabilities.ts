import type { KeyRing } from '../access/key-ring.ts';
import type { DocumentRow } from '../access/open-desk.ts';
import { canonicalize, sha256Hex } from '../domain/canonical.ts';
import { buildCapabilities, type CapabilitiesDocument, type CapabilitiesInput, capabilitiesSigningInput } from '../domain/capabilities.ts';
import type { Changes } from '../domain/decision.ts';
import type { AdminDeps } from './admin-deps.ts';

/** Everything that the document states but the marks of one issue of it. */
export type Statements = Omit<CapabilitiesInput, 'issuedAt' | 'validUntil' | 'documentId'>;

/**
 * The capabilities document to publish from `now` on: valid for 30 days, canonical, under a strong ETag. Null while the stored one still
 * says the same, is signed under the current key, and has at least half of its time left.
 */
export async function renewedCapabilities(
  { newId }: Pick<AdminDeps, 'newId'>,
  statements: Statements,
  ring: KeyRing,
  stored: DocumentRow | undefined,
  now: Date,
): Promise<NonNullable<Changes['documents']>[number] | null> {
  const kid = ring.signingKid('capabilities');
  if (stored !== undefined && isCurrent(stored, statements, kid, now)) return null;
  const issuedAt = now.toISOString();
  const validUntil = new Date(now.getTime() + validDays * 86_400_000).toISOString();
  const unsigned = buildCapabilities({ ...statements, issuedAt, validUntil, documentId: newId('doc') });
  const signature = await ring.signDocument('capabilities', capabilitiesSigningInput(unsigned));
  const body = canonicalize({ ...unsigned, signatures: [signature] } satisfies CapabilitiesDocument);
  return { kind: 'capabilities', body, etag: `"${sha256Hex(body)}"`, issued_at: issuedAt, valid_until: validUntil };
}

const validDays = 30;

function isCurrent(stored: DocumentRow, statements: Statements, kid: string, now: Date): boolean {
  const document = JSON.parse(stored.body) as CapabilitiesDocument;
  const [issuedAt, validUntil] = [Date.parse(document.issued_at), Date.parse(document.valid_until)];
  if (validUntil - now.getTime() < (validUntil - issuedAt) / 2) return false;
  const same = buildCapabilities({
    ...statements,
    issuedAt: document.issued_at,
    validUntil: document.valid_until,
    documentId: document.document_id,
  });
  if (canonicalize(same) !== canonicalize({ ...document, signatures: undefined })) return false;
  return document.signatures.some((signature) => kidOf(signature.protected) === kid);
}

function kidOf(protectedHeader: string): unknown {
  const header: { readonly kid?: unknown } = JSON.parse(atob(protectedHeader.replaceAll('-', '+').replaceAll('_', '/')));
  return header.kid;
}
