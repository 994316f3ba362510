import { weeklyCheck } from './check-domain-effect.ts';
import type { Changes, Given } from './decision.ts';
import { changed, type DomainOwner, raised } from './domain-owner.ts';
import type { DomainProof } from './domain-proof.ts';
import type { IdentityChanges } from './identity-changes.ts';
import { type AgentAtDomain, leaveDomain } from './leave-domain.ts';
import { ledgerEvent } from './ledger.ts';
import { ok, type Result, refuse } from './result.ts';

/** Two organizations that both proved one domain, as it is stored and written. */
export type DomainConflict = NonNullable<IdentityChanges['domain_conflicts']>[number];

/** One of the two. */
export interface Party extends DomainOwner {
  /** Another conflict that it is in is open. */
  readonly in_others: boolean;
}

/** Everything that decides what may become of a conflict. */
export interface ConflictFile {
  readonly conflict: DomainConflict;
  readonly holder: Party;
  readonly challenger: Party;
  /** Somebody said already where the challenger is paid. */
  readonly hasPayee: boolean;
  /** The challenger's proofs of the domain that wait for the decision. */
  readonly disputed: readonly DomainProof[];
  /** The verified proof of the domain, whoever's it is. */
  readonly verified: DomainProof | null;
  /** The holder's agents whose documents lie at the domain. */
  readonly agentsThere: readonly AgentAtDomain[];
  /** Who has the domain now; null: nobody. */
  readonly ownerId: string | null;
}

/** A conflict as the database writes it inside JSON: times in UTC with milliseconds again. */
export function readConflict(stored: DomainConflict): DomainConflict {
  const { opened_at, decided_at } = stored;
  return {
    ...stored,
    ...{ opened_at: new Date(opened_at).toISOString(), decided_at: decided_at === null ? null : new Date(decided_at).toISOString() },
  };
}

export interface Ruling {
  readonly tenant: string;
  readonly outcome: 'keep' | 'move';
  readonly reason: string;
  /** The principal. */
  readonly by: string;
}

/** Somebody proved a domain that another organization has: nothing moves, and neither of them is paid until somebody decides. */
export function openConflict(
  proof: DomainProof,
  holder: DomainOwner,
  challenger: DomainOwner,
  given: Given,
): { readonly conflict_id: string; readonly changes: Changes } {
  const at = given.now.toISOString();
  const conflict: DomainConflict = {
    ...{ conflict_id: given.newId('dcf'), domain: proof.domain, holder_id: holder.organization_id },
    ...{ organization_id: challenger.organization_id, proof_id: proof.proof_id, state: 'open', version: 1, opened_at: at },
    ...{ decided_at: null, decided_by: null, reason: null },
  };
  const frozen = [holder, challenger].map((party) => changed(party, { frozen_at: party.frozen_at ?? at }));
  return { conflict_id: conflict.conflict_id, changes: { domain_conflicts: [conflict], changed_organizations: frozen } };
}

/**
 * Decides a conflict. `keep`: the challenger's proofs are over. `move`: the domain and its tier go to the challenger, and the holder is no
 * more than its key: no document at the domain is its agent any more. Either way both are paid again, unless another conflict stops them. `state.forbidden`: it is decided already;
 * `resource.conflict`: the domain, or what was proven, is not what the conflict is about any more, so that it can only be kept.
 */
export function decideConflict(
  file: ConflictFile,
  ruling: Ruling,
  given: Given,
): Result<{ readonly conflict: DomainConflict; readonly changes: Changes }, 'state.forbidden' | 'resource.conflict'> {
  const { conflict: open } = file;
  if (open.state !== 'open') return refuse('state.forbidden', { detail: 'It is decided already.' });
  const at = given.now.toISOString();
  const conflict: DomainConflict = {
    ...{ ...open, state: ruling.outcome === 'keep' ? 'kept' : 'moved', version: open.version + 1 },
    ...{ decided_at: at, decided_by: ruling.by, reason: ruling.reason },
  };
  const settled = ruling.outcome === 'keep' ? ok(keep(file)) : move(file, given);
  if (!settled.ok) return settled;
  const decided = ledgerEvent(given, ruling.tenant, {
    ...{ kind: `domain.${conflict.state}`, subjectId: conflict.conflict_id, organizationId: null },
    facts: { conflict: conflict.conflict_id, holder: open.holder_id, challenger: open.organization_id, actor: ruling.by },
  });
  const due = [{ kind: 'qualify' as const, at }];
  return ok({ conflict, changes: { ...settled.value, domain_conflicts: [conflict], ledger_events: [decided], due } });
}

const keep = ({ disputed, holder, challenger }: ConflictFile): Changes => ({
  domain_proofs: disputed.map((proof) => over(proof, 'expired')),
  changed_organizations: [holder, challenger].map((party) => changed(party, thawed(party))),
});

function move(file: ConflictFile, given: Given): Result<Changes, 'resource.conflict'> {
  const { conflict, holder, challenger, disputed, verified, ownerId } = file;
  const { domain } = conflict;
  const winning = disputed.find(({ proof_id }) => proof_id === conflict.proof_id) ?? disputed[0];
  const isOthers = ownerId !== null && ownerId !== holder.organization_id && ownerId !== challenger.organization_id;
  const hasOther = challenger.domain !== null && challenger.domain !== domain;
  if (winning === undefined || isOthers || hasOther) return notAsItWas;
  const proof: DomainProof = {
    ...{ ...winning, state: 'verified', version: winning.version + 1, failures: 0 },
    verified_at: given.now.toISOString(),
  };
  const { row: won, brought } = raised(challenger, domain, file.hasPayee);
  const lost = changed(holder, holder.domain === domain ? { domain: null, tier: 'key_bound', ...thawed(holder) } : thawed(holder));
  const others = disputed.filter(({ proof_id }) => proof_id !== proof.proof_id).map((other) => over(other, 'expired'));
  return ok({
    ...leaveDomain(holder.organization_id, file.agentsThere),
    // In this order: what is given up is free before it is taken.
    domain_proofs: [...(verified ? [over(verified, 'lapsed')] : []), ...others, proof],
    changed_organizations: [lost, { ...won, ...thawed(challenger) }],
    effects: [weeklyCheck(proof, brought, given)],
  });
}

const over = (proof: DomainProof, state: 'expired' | 'lapsed'): DomainProof => ({ ...proof, state, version: proof.version + 1 });

const thawed = ({ in_others, frozen_at }: Party) => ({ frozen_at: in_others ? frozen_at : null });

const notAsItWas = refuse('resource.conflict', {
  detail: 'The domain belongs to somebody else by now, or what the challenger proved is gone: it can only be kept.',
});
