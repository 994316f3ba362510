import type { Db, Statement } from '../db/batch.ts';
import { canonicalize, sha256Hex } from '../domain/canonical.ts';
import { invariant } from '../domain/result.ts';
import { deriveBytes } from '../domain/secret.ts';
import { VendorFile } from '../domain/vendor.ts';
import type { Desk, Published } from '../operations/desk.ts';
import { openKeyRing } from './key-ring.ts';
import { serverKey } from './server-key.ts';
import type { KeyRow } from './signing-key.ts';
import { openStripeConnection, type StripeAccountRow } from './stripe-connection.ts';
import { rememberVerified } from './verified-tokens.ts';

export interface OpenedDesk {
  readonly db: Db;
  readonly masterKey: Uint8Array;
  /** `dev` in the embedded default, else `live`. */
  readonly environment: string;
  /** See `Desk`. Nothing may be reached unless it is given. */
  readonly mayReach?: (url: string) => boolean;
}

/**
 * Loads the desk of a host in one round trip; null when no tenant is served there. A `previous` desk of the same revision is given back
 * as it is. Rejects when the database does not answer, or when what it holds cannot be used (`SealError`: another master key).
 */
export async function openDesk(deps: OpenedDesk, host: string, previous: Desk | null): Promise<Desk | null> {
  const { db, masterKey, environment, mayReach = () => false } = deps;
  const [row] = await db.batch({ role: 'reader' }, [deskOf(host)]);
  if (row === null) return null;
  if (row.tenant_id === previous?.tenant && row.revision === previous.revision) return previous;
  const { tenant_id: tenant, name, origin, revision, program, documents } = row;
  const capabilities = documents?.capabilities;
  invariant(program !== null && capabilities !== undefined, 'a tenant has terms and capabilities from its first commit on');
  const vendor = VendorFile.safeParse(row.config);
  invariant(vendor.success, 'the stored vendor configuration has the form of this release: apply the vendor file again');
  const ring = await openKeyRing(tenant, row.keys ?? [], masterKey);
  const derivationKey = serverKey(masterKey, 'derive', tenant);
  return {
    tenant,
    name,
    host,
    origin,
    revision,
    environment,
    vendor: vendor.data,
    program: {
      id: program.program_id,
      version: program.version,
      sha256: program.sha256,
      url: `${origin}/v1/programs/${program.program_id}/versions/${program.version}`,
    },
    stripe: row.stripe ? await openStripeConnection(row.stripe, tenant, masterKey) : null,
    capabilities: published(capabilities.body, capabilities.etag, 'application/json'),
    jwks: publishedJwks(ring.jwks),
    signingKid: ring.signingKid,
    canSign: ring.canSign,
    sign: ring.sign,
    signAgain: ring.signAgain,
    signNote: ring.signNote,
    verifyReferralToken: (token, now) => ring.verifyReferralToken(token, origin, now),
    verifyAccessToken: rememberVerified((token, resource, now) => ring.verifyAccessToken(token, { origin, resource }, now)),
    verifyAssertion: (token, now) => ring.verifyAssertion(token, origin, now),
    verifyTouch: (token, now) => ring.verifyTouch(token, origin, now),
    verifyClaimAssertion: (token, now) =>
      ring.verifyClaimAssertion(token, { origin, audience: new URL(vendor.data.signup_url).origin }, now),
    derive: (purpose, id, version) => deriveBytes(derivationKey, purpose, id, version),
    mayReach,
  };
}

/** What `frontdesk.open_desk` answers (`db/migrations/0003_functions.sql`). Keys come oldest first. */
export interface DeskRow {
  readonly tenant_id: string;
  readonly name: string;
  readonly origin: string;
  readonly revision: number;
  readonly config: unknown;
  readonly program: { readonly program_id: string; readonly version: number; readonly sha256: string; readonly terms: string } | null;
  readonly stripe: StripeAccountRow | null;
  readonly documents: Readonly<Record<string, DocumentRow>> | null;
  readonly keys: readonly KeyRow[] | null;
}

export interface DocumentRow {
  readonly body: string;
  readonly etag: string;
  readonly issued_at: string;
  readonly valid_until: string;
}

/** Everything about the tenant of a host. It also leaves the tenant's context to the statements that follow in the same batch. */
export function deskOf(host: string): Statement<DeskRow | null> {
  return { name: 'desk.open', text: 'select frontdesk.open_desk($1) as desk', values: [host], read: readDesk };
}

/** Reads the one row of a statement that selects `frontdesk.open_desk(…) as desk`. */
export function readDesk(rows: readonly { readonly [column: string]: unknown }[]): DeskRow | null {
  invariant(rows.length === 1, 'open_desk answers one row');
  // Its form is the function's own, which the tests of this file hold against the real schema.
  return (rows[0]?.desk as DeskRow | null | undefined) ?? null;
}

function publishedJwks(jwks: object): Published {
  const body = canonicalize(jwks);
  return published(body, `"${sha256Hex(body)}"`, 'application/jwk-set+json');
}

function published(body: string, etag: string, contentType: string): Published {
  return { value: JSON.parse(body), body, etag, contentType, immutable: false };
}
