import { sql } from 'drizzle-orm';
import { check, foreignKey, index, integer, jsonb, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytea, frontdesk, instant, readerOfOrganization, readerOfTenant, tenantId, writerOfTenant } from './policies.ts';

/** One vendor. `revision` grows with everything a running instance keeps in memory of it. */
export const tenants = frontdesk.table(
  'tenants',
  {
    tenantId: text('tenant_id').primaryKey(),
    name: text('name').notNull(),
    /** Canonical origin: scheme, host and port, no slash. */
    origin: text('origin').notNull(),
    revision: integer('revision').notNull(),
    /** Rate limits by principal kind: { kind: { q: quota, w: window in seconds } }. */
    limits: jsonb('limits').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  () => [writerOfTenant(), readerOfTenant()],
);

/** Host → tenant: one of two tables without a tenant policy, because a request has no context before it. */
export const tenantHosts = frontdesk.table('tenant_hosts', {
  host: text('host').primaryKey(),
  tenantId: tenantId(),
});

/** What schedules have to look at: the other table without a tenant policy. Holds no content. */
export const dueWork = frontdesk.table(
  'due_work',
  { tenantId: tenantId(), kind: text('kind').notNull(), at: instant('at').notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.kind] })],
);

/** Every vendor configuration that was ever applied. */
export const vendorVersions = frontdesk.table(
  'vendor_versions',
  {
    tenantId: tenantId(),
    version: integer('version').notNull(),
    config: jsonb('config').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.version] }), writerOfTenant(), readerOfTenant()],
);

/** Signed public documents, kept so that every instance serves the same bytes under the same ETag. */
export const documents = frontdesk.table(
  'documents',
  {
    tenantId: tenantId(),
    kind: text('kind').notNull(),
    body: text('body').notNull(),
    etag: text('etag').notNull(),
    issuedAt: instant('issued_at').notNull(),
    validUntil: instant('valid_until').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.kind] }), writerOfTenant(), readerOfTenant()],
);

/** What capabilities said before and say now: a row for each that says something else than the one before. A trigger writes it. Append-only. */
export const publishedDocuments = frontdesk.table(
  'published_documents',
  {
    tenantId: tenantId(),
    kind: text('kind').notNull(),
    version: integer('version').notNull(),
    body: text('body').notNull(),
    etag: text('etag').notNull(),
    issuedAt: instant('issued_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.kind, t.version] }), writerOfTenant(), readerOfTenant()],
);

/** Immutable program terms: `terms` are the canonical bytes (RFC 8785) whose SHA-256 is quoted everywhere. */
export const programVersions = frontdesk.table(
  'program_versions',
  {
    tenantId: tenantId(),
    programId: text('program_id').notNull(),
    version: integer('version').notNull(),
    sha256: text('sha256').notNull(),
    terms: text('terms').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.programId, t.version] }), writerOfTenant(), readerOfTenant()],
);

/** Keys by purpose. Private halves and shared secrets are sealed under the server key; retired public halves stay published. */
export const signingKeys = frontdesk.table(
  'signing_keys',
  {
    tenantId: tenantId(),
    kid: text('kid').notNull(),
    purpose: text('purpose').notNull(),
    algorithm: text('algorithm').notNull(),
    publicJwk: jsonb('public_jwk'),
    sealed: text('sealed').notNull(),
    state: text('state').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.kid] }), writerOfTenant()],
);

export const organizations = frontdesk.table(
  'organizations',
  {
    tenantId: tenantId(),
    organizationId: text('organization_id').notNull(),
    name: text('name').notNull(),
    /** Registrable domain, in ASCII. */
    domain: text('domain'),
    tier: text('tier').notNull(),
    /** The prospect that it is, once it earned something as the referred side. */
    prospectId: text('prospect_id'),
    /** Since when nothing is paid out to it, because somebody else proved its domain as well. */
    frozenAt: instant('frozen_at'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.organizationId] }),
    unique('organizations_domain').on(t.tenantId, t.domain),
    unique('organizations_prospect').on(t.tenantId, t.prospectId),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

export const agents = frontdesk.table(
  'agents',
  {
    tenantId: tenantId(),
    agentId: text('agent_id').notNull(),
    organizationId: text('organization_id'),
    name: text('name').notNull(),
    /** How it became known: by an operator or with a key, by its metadata document, without anything, by a trusted issuer. */
    kind: text('kind').notNull().default('registered'),
    /** Address of its metadata document, or issuer and subject; null where its own id is its client id (RFC 6749 §2.2). */
    clientId: text('client_id'),
    status: text('status').notNull().default('active'),
    /** Tokens of an earlier epoch are dead. */
    epoch: integer('epoch').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.agentId] }),
    unique('agents_client').on(t.tenantId, t.clientId),
    index('agents_of_organization').on(t.tenantId, t.organizationId, t.agentId),
    check('agents_kind', sql`kind in ('registered', 'document', 'anonymous', 'attested')`),
    check('agents_status', sql`(status = 'revoked') = (revoked_at is not null) and status in ('active', 'revoked')`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** API keys: only the SHA-256 of a key is stored; `last4` lets people recognise it. */
export const apiKeys = frontdesk.table(
  'api_keys',
  {
    tenantId: tenantId(),
    keyId: text('key_id').notNull(),
    secretHash: bytea('secret_hash').notNull(),
    last4: text('last4').notNull(),
    /** Null: a back end of the vendor itself, which reaches the whole tenant. */
    organizationId: text('organization_id'),
    agentId: text('agent_id'),
    scopes: text('scopes').array().notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.keyId] }),
    unique('api_keys_secret').on(t.tenantId, t.secretHash),
    index('api_keys_of_organization').on(t.tenantId, t.organizationId, t.keyId),
    index('api_keys_of_agent').on(t.tenantId, t.agentId),
    foreignKey({
      name: 'api_keys_organization',
      columns: [t.tenantId, t.organizationId],
      foreignColumns: [organizations.tenantId, organizations.organizationId],
    }),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);
