import { sql } from 'drizzle-orm';
import { bigint, check, foreignKey, index, integer, jsonb, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytea, frontdesk, instant, readerOfOrganization, readerOfStaff, tenantId, writerOfTenant } from './policies.ts';
import { agents, organizations } from './tenants.ts';

/**
 * Rows with a `version` are replaced whole: the commit writes version n over version n - 1 and nothing else.
 */
const version = () => integer('version').notNull();

/** What waits for a decision has none; what was decided says when and by whom. */
const decided = sql`(state = 'open') = (decided_at is null) and (decided_at is null) = (decided_by is null)`;

/** Public keys of agents (RFC 7517), by their thumbprint (RFC 7638). A retired one is good until `expires_at`. */
export const agentKeys = frontdesk.table(
  'agent_keys',
  {
    tenantId: tenantId(),
    thumbprint: text('thumbprint').notNull(),
    agentId: text('agent_id').notNull(),
    organizationId: text('organization_id').notNull(),
    publicJwk: jsonb('public_jwk').notNull(),
    state: text('state').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.thumbprint] }),
    index('agent_keys_of_agent').on(t.tenantId, t.agentId),
    foreignKey({ name: 'agent_keys_agent', columns: [t.tenantId, t.agentId], foreignColumns: [agents.tenantId, agents.agentId] }),
    check('agent_keys_state', sql`state in ('active', 'retired', 'revoked')`),
    check('agent_keys_retired', sql`state <> 'retired' or expires_at is not null`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** What may be used once: ids of assertions (RFC 7523 §3 jti), nonces of signatures, solved challenges. Kept until it would expire anyway. */
export const spent = frontdesk.table(
  'spent',
  { tenantId: tenantId(), kind: text('kind').notNull(), digest: text('digest').notNull(), expiresAt: instant('expires_at').notNull() },
  (t) => [primaryKey({ columns: [t.tenantId, t.kind, t.digest] }), index('spent_expiry').on(t.tenantId, t.expiresAt), writerOfTenant()],
);

/** An organization's attempts to prove a domain. One verified proof per domain. */
export const domainProofs = frontdesk.table(
  'domain_proofs',
  {
    tenantId: tenantId(),
    proofId: text('proof_id').notNull(),
    organizationId: text('organization_id').notNull(),
    /** Registrable domain, in ASCII. */
    domain: text('domain').notNull(),
    method: text('method').notNull(),
    /** What has to be published; no secret. */
    token: text('token').notNull(),
    state: text('state').notNull(),
    version: version(),
    /** How many looks in a row did not find it. */
    failures: integer('failures').notNull(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    verifiedAt: instant('verified_at'),
    checkedAt: instant('checked_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.proofId] }),
    index('domain_proofs_of_organization').on(t.tenantId, t.organizationId, t.proofId),
    uniqueIndex('domain_proofs_verified').on(t.tenantId, t.domain).where(sql`state = 'verified'`),
    foreignKey({
      name: 'domain_proofs_organization',
      columns: [t.tenantId, t.organizationId],
      foreignColumns: [organizations.tenantId, organizations.organizationId],
    }),
    check('domain_proofs_method', sql`method in ('dns_txt', 'well_known', 'metadata_document', 'signature_directory')`),
    check('domain_proofs_state', sql`state in ('pending', 'verified', 'disputed', 'lapsed', 'expired')`),
    check('domain_proofs_dated', sql`state <> 'verified' or verified_at is not null`),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Two organizations proved one domain. Until somebody decides, neither is paid out. */
export const domainConflicts = frontdesk.table(
  'domain_conflicts',
  {
    tenantId: tenantId(),
    conflictId: text('conflict_id').notNull(),
    domain: text('domain').notNull(),
    holderId: text('holder_id').notNull(),
    organizationId: text('organization_id').notNull(),
    proofId: text('proof_id').notNull(),
    state: text('state').notNull(),
    version: version(),
    openedAt: instant('opened_at').notNull(),
    decidedAt: instant('decided_at'),
    decidedBy: text('decided_by'),
    reason: text('reason'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conflictId] }),
    index('domain_conflicts_of_domain').on(t.tenantId, t.domain, t.organizationId),
    uniqueIndex('domain_conflicts_open').on(t.tenantId, t.domain, t.organizationId).where(sql`state = 'open'`),
    foreignKey({
      name: 'domain_conflicts_proof',
      columns: [t.tenantId, t.proofId],
      foreignColumns: [domainProofs.tenantId, domainProofs.proofId],
    }),
    check('domain_conflicts_state', sql`state in ('open', 'kept', 'moved')`),
    check('domain_conflicts_decided', decided),
    check('domain_conflicts_parties', sql`holder_id <> organization_id`),
    readerOfStaff(),
    writerOfTenant(),
  ],
);

/** An agent asks to belong to an organization that is there already. */
export const joinRequests = frontdesk.table(
  'join_requests',
  {
    tenantId: tenantId(),
    joinId: text('join_id').notNull(),
    /** Whom it wants to join: they decide. */
    organizationId: text('organization_id').notNull(),
    agentId: text('agent_id').notNull(),
    state: text('state').notNull(),
    version: version(),
    requestedAt: instant('requested_at').notNull(),
    decidedAt: instant('decided_at'),
    decidedBy: text('decided_by'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.joinId] }),
    index('join_requests_of_organization').on(t.tenantId, t.organizationId, t.joinId),
    uniqueIndex('join_requests_open').on(t.tenantId, t.agentId).where(sql`state = 'open'`),
    foreignKey({ name: 'join_requests_agent', columns: [t.tenantId, t.agentId], foreignColumns: [agents.tenantId, agents.agentId] }),
    foreignKey({
      name: 'join_requests_organization',
      columns: [t.tenantId, t.organizationId],
      foreignColumns: [organizations.tenantId, organizations.organizationId],
    }),
    check('join_requests_state', sql`state in ('open', 'approved', 'refused', 'expired')`),
    check('join_requests_decided', decided),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** Self-registered identities that a person may still take over (auth.md): the claim token and the code that is typed, as hashes. */
export const registrations = frontdesk.table(
  'registrations',
  {
    tenantId: tenantId(),
    registrationId: text('registration_id').notNull(),
    agentId: text('agent_id').notNull(),
    claimHash: bytea('claim_hash').notNull(),
    claimExpiresAt: instant('claim_expires_at').notNull(),
    codeHash: bytea('code_hash'),
    codeExpiresAt: instant('code_expires_at'),
    polledAt: instant('polled_at'),
    state: text('state').notNull(),
    version: version(),
    claimedBy: text('claimed_by'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.registrationId] }),
    unique('registrations_claim').on(t.tenantId, t.claimHash),
    uniqueIndex('registrations_code').on(t.tenantId, t.codeHash).where(sql`state = 'open'`),
    index('registrations_of_agent').on(t.tenantId, t.agentId),
    foreignKey({ name: 'registrations_agent', columns: [t.tenantId, t.agentId], foreignColumns: [agents.tenantId, agents.agentId] }),
    check('registrations_state', sql`state in ('open', 'claimed', 'collected')`),
    check('registrations_claimed', sql`state not in ('claimed', 'collected') or claimed_by is not null`),
    check('registrations_code_ends', sql`(code_hash is null) = (code_expires_at is null)`),
    writerOfTenant(),
  ],
);

/** People who sign in. One role each; partners and channel managers reach organizations by membership. */
export const people = frontdesk.table(
  'people',
  {
    tenantId: tenantId(),
    personId: text('person_id').notNull(),
    /** Lower case. */
    email: text('email').notNull(),
    name: text('name'),
    role: text('role').notNull(),
    state: text('state').notNull(),
    version: version(),
    oidcIssuer: text('oidc_issuer'),
    oidcSubject: text('oidc_subject'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.personId] }),
    unique('people_email').on(t.tenantId, t.email),
    unique('people_oidc').on(t.tenantId, t.oidcIssuer, t.oidcSubject),
    check('people_email_lower', sql`email = lower(email)`),
    check('people_role', sql`role in ('operator', 'channel_manager', 'partner', 'auditor')`),
    check('people_state', sql`state in ('active', 'removed')`),
    readerOfStaff(),
    writerOfTenant(),
  ],
);

export const memberships = frontdesk.table(
  'memberships',
  {
    tenantId: tenantId(),
    personId: text('person_id').notNull(),
    organizationId: text('organization_id').notNull(),
    grantedBy: text('granted_by').notNull(),
    grantedAt: instant('granted_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.personId, t.organizationId] }),
    index('memberships_of_organization').on(t.tenantId, t.organizationId, t.personId),
    foreignKey({ name: 'memberships_person', columns: [t.tenantId, t.personId], foreignColumns: [people.tenantId, people.personId] }),
    foreignKey({
      name: 'memberships_organization',
      columns: [t.tenantId, t.organizationId],
      foreignColumns: [organizations.tenantId, organizations.organizationId],
    }),
    readerOfOrganization(),
    writerOfTenant(),
  ],
);

/** A signed-in browser. The secret is in its cookie only. */
export const sessions = frontdesk.table(
  'sessions',
  {
    tenantId: tenantId(),
    sessionHash: bytea('session_hash').notNull(),
    personId: text('person_id').notNull(),
    createdAt: instant('created_at').notNull(),
    /** To the minute: an hour without use ends it. */
    seenAt: instant('seen_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    /** When a passkey was last used in it. */
    steppedUpAt: instant('stepped_up_at'),
    endedAt: instant('ended_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.sessionHash] }),
    foreignKey({ name: 'sessions_person', columns: [t.tenantId, t.personId], foreignColumns: [people.tenantId, people.personId] }),
    index('sessions_of_person').on(t.tenantId, t.personId),
    check('sessions_end', sql`expires_at > created_at`),
    writerOfTenant(),
  ],
);

/** Links that sign a person in, once. `browser_hash`: only the browser that asked may use it; null for invitations. */
export const signInLinks = frontdesk.table(
  'sign_in_links',
  {
    tenantId: tenantId(),
    linkId: text('link_id').notNull(),
    tokenHash: bytea('token_hash').notNull(),
    personId: text('person_id').notNull(),
    purpose: text('purpose').notNull(),
    browserHash: bytea('browser_hash'),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    usedAt: instant('used_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.linkId] }),
    unique('sign_in_links_token').on(t.tenantId, t.tokenHash),
    index('sign_in_links_of_person').on(t.tenantId, t.personId, t.createdAt),
    foreignKey({ name: 'sign_in_links_person', columns: [t.tenantId, t.personId], foreignColumns: [people.tenantId, people.personId] }),
    check('sign_in_links_purpose', sql`purpose in ('sign_in', 'invitation', 'bootstrap')`),
    check('sign_in_links_browser', sql`purpose <> 'sign_in' or browser_hash is not null`),
    check('sign_in_links_end', sql`expires_at > created_at`),
    writerOfTenant(),
  ],
);

/** WebAuthn credentials (Level 3): a person proves presence with one before money moves. */
export const passkeys = frontdesk.table(
  'passkeys',
  {
    tenantId: tenantId(),
    credentialId: text('credential_id').notNull(),
    personId: text('person_id').notNull(),
    /** COSE key, base64url. */
    publicKey: text('public_key').notNull(),
    counter: bigint('counter', { mode: 'bigint' }).notNull(),
    transports: jsonb('transports').notNull(),
    createdAt: instant('created_at').notNull(),
    usedAt: instant('used_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.credentialId] }),
    index('passkeys_of_person').on(t.tenantId, t.personId),
    foreignKey({ name: 'passkeys_person', columns: [t.tenantId, t.personId], foreignColumns: [people.tenantId, people.personId] }),
    writerOfTenant(),
  ],
);

/** Organizations that want to be partners and wait for an operator. */
export const partnerApplications = frontdesk.table(
  'partner_applications',
  {
    tenantId: tenantId(),
    applicationId: text('application_id').notNull(),
    email: text('email').notNull(),
    organizationName: text('organization_name').notNull(),
    domain: text('domain'),
    note: text('note'),
    state: text('state').notNull(),
    version: version(),
    createdAt: instant('created_at').notNull(),
    decidedAt: instant('decided_at'),
    decidedBy: text('decided_by'),
    reason: text('reason'),
    organizationId: text('organization_id'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.applicationId] }),
    uniqueIndex('partner_applications_open').on(t.tenantId, t.email).where(sql`state = 'open'`),
    check('partner_applications_state', sql`state in ('open', 'approved', 'refused', 'expired')`),
    check('partner_applications_decided', decided),
    readerOfStaff(),
    writerOfTenant(),
  ],
);
