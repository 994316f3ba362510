import type { Tier } from '../domain/actor.ts';
import type { LinkedWorkspace, MailboxProof } from '../domain/claim-proof.ts';
import { context, one } from './query.ts';

/** Questions about humans who take workspaces over. Asked as the writer: who comes with a claim link is nobody yet. Hashes are hex. */
export const claimQueries = {
  /** The workspace behind a claim link, whatever its state. `claimHash`: SHA-256 of its token. */
  workspaceOfClaim: (claimHash: string) =>
    one<LinkedWorkspace>(
      'workspaces.of_claim',
      `select w.workspace_id, w.organization_id, w.owner, w.prospect_id, encode(p.fingerprint, 'hex') as prospect, w.referral_id, w.status,
         w.key_version, w.expires_at, encode(w.claim_hash, 'hex') as claim_hash, w.claim_version
       from (select * from frontdesk.workspaces w where w.claim_hash = decode($1, 'hex') limit 1) w
       cross join lateral (select * from frontdesk.prospects p where p.prospect_id = w.prospect_id limit 1) p`,
      [claimHash],
    ),

  /** Who opened the workspace that a claim link reaches, and for whom; an organization that there is none of has no tier. */
  claimFacts: () =>
    one<ClaimFacts>(
      'workspaces.claim_facts',
      `select encode(p.fingerprint, 'hex') as prospect, o.tier, o.domain
       from (select * from frontdesk.workspaces w where w.workspace_id = ${context('workspace')} limit 1) w
       cross join lateral (select * from frontdesk.prospects p where p.prospect_id = w.prospect_id limit 1) p
       left join frontdesk.organizations o on o.organization_id = w.organization_id`,
      [],
    ),

  /** What one browser proved at a claim link: what it took the workspace over by, else the newest. Either hash may be null. */
  claimProof: (claimHash: string, browserHash: string | null, sessionHash: string | null) =>
    one<ClaimProofRow>(
      'mailbox_proofs.of_claim',
      `select ${proofColumns}, (select w.referral_id from frontdesk.workspaces w where w.workspace_id = m.workspace_id) as referral_id
       from frontdesk.mailbox_proofs m
       where m.claim_hash = decode($1, 'hex') and m.browser_hash in (decode($2, 'hex'), decode($3, 'hex')) and m.proven_at is not null
       order by m.used_at nulls last, m.proven_at desc, m.proof_id desc limit 1`,
      [claimHash, browserHash, sessionHash],
    ),

  /** The proof that a mailed link is to give, and the claim link that it belongs to as it stands now. `tokenHash`: of the mailed token. */
  proofOfLink: (tokenHash: string) =>
    one<MailboxProof & { readonly claim_version: number }>(
      'mailbox_proofs.of_link',
      `select ${proofColumns}, w.claim_version
       from (select * from frontdesk.mailbox_proofs m where m.token_hash = decode($1, 'hex') limit 1) m
       cross join lateral (
         select * from frontdesk.workspaces w where w.workspace_id = m.workspace_id and w.claim_hash = m.claim_hash limit 1) w`,
      [tokenHash],
    ),

  /** What a mail with such a link needs. */
  mailedProof: (proofId: string) =>
    one<Pick<MailboxProof, 'email' | 'created_at' | 'expires_at' | 'proven_at'>>(
      'mailbox_proofs.mailed',
      'select m.email, m.created_at, m.expires_at, m.proven_at from frontdesk.mailbox_proofs m where m.proof_id = $1',
      [proofId],
    ),

  /** The address of who is signed in by a session that is still good, as `frontdesk.enter` knows it. */
  addressOfSession: (sessionHash: string | null, now: Date) =>
    one<{ readonly email: string }>(
      'people.address_of_session',
      `select p.email
       from (select * from frontdesk.sessions s where s.session_hash = decode($1, 'hex') and s.ended_at is null
         and s.expires_at > $2::timestamptz and s.seen_at > $2::timestamptz - interval '1 hour' limit 1) s
       cross join lateral (select * from frontdesk.people p where p.person_id = s.person_id and p.state = 'active' limit 1) p`,
      [sessionHash, now],
    ),
} as const;

const proofColumns = `m.proof_id, m.workspace_id, encode(m.claim_hash, 'hex') as claim_hash, encode(m.token_hash, 'hex') as token_hash,
  encode(m.browser_hash, 'hex') as browser_hash, m.email, m.via, m.version, m.created_at, m.expires_at, m.proven_at, m.used_at`;

export interface ClaimFacts {
  readonly prospect: string;
  readonly tier: Tier | null;
  readonly domain: string | null;
}

export interface ClaimProofRow extends MailboxProof {
  readonly referral_id: string | null;
}
