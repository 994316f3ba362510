import type { Tier } from './actor.ts';

/** What is known of an agent's organization that decides how it gets on. */
export interface TierStanding {
  readonly tier: Tier;
  /** Its registrable domain, whoever says so. */
  readonly domain: string | null;
  /** Somebody else proved its domain as well, and nobody decided yet. */
  readonly isDisputed: boolean;
  /** A proof of a domain waits to be found. */
  readonly hasPendingProof: boolean;
  /** The program pays out, so that there is a page to arrange it on. */
  readonly paysOut: boolean;
}

/** What leads to the next tier; where there are several, each of them does, unless it says otherwise. */
export interface TierStep {
  readonly code: 'add_key' | 'link_person' | 'verify_domain' | 'join_organization' | 'publish_proof' | 'link_payee' | 'await_decision';
  readonly detail: string;
  /** The operation that takes the step; null: it is taken elsewhere. */
  readonly operation: string | null;
}

/** The next tier that an organization can reach by itself, and what is missing. Null: there is none, the rest is the vendor's word. */
export function nextSteps(standing: TierStanding): { readonly tier: Tier; readonly steps: readonly TierStep[] } | null {
  switch (standing.tier) {
    case 'anonymous':
      return { tier: 'key_bound', steps: [addKey, linkPerson] };
    case 'key_bound':
      if (standing.isDisputed) return { tier: 'domain_verified', steps: [awaitDecision] };
      return { tier: 'domain_verified', steps: standing.hasPendingProof ? [publishProof] : [verifyDomain, joinOrganization] };
    case 'domain_verified':
      return {
        tier: 'payout_bound',
        steps: [...(standing.isDisputed ? [awaitDecision] : []), standing.paysOut ? arrangePayout : askVendor],
      };
    case 'payout_bound':
    case 'attested':
      return null;
  }
}

const addKey: TierStep = {
  ...{ code: 'add_key', operation: null },
  detail: 'Register again with a public key, or ask for tokens as the https address of your metadata document. See /auth.md.',
};
const linkPerson: TierStep = {
  ...{ code: 'link_person', operation: null },
  detail: 'Have a person of your organization type the code of your registration on the page that came with it.',
};
const verifyDomain: TierStep = {
  ...{ code: 'verify_domain', operation: 'verify_organization' },
  detail: 'Prove the domain of your organization, in DNS or by a file at the domain itself.',
};
const joinOrganization: TierStep = {
  ...{ code: 'join_organization', operation: 'request_organization_join' },
  detail: 'Or ask the organization that has proven your domain to take you in.',
};
const publishProof: TierStep = {
  ...{ code: 'publish_proof', operation: 'get_organization' },
  detail: 'Publish what your pending proof says. It is looked for by itself, and at once when you call verify_organization again.',
};
const arrangePayout: TierStep = {
  ...{ code: 'link_payee', operation: 'create_payout_link' },
  detail: 'Give a person of your organization the page where it says how it is paid.',
};
const askVendor: TierStep = {
  ...{ code: 'link_payee', operation: null },
  detail: 'Ask the vendor to link your organization to its customer, on whose bill rewards are credited.',
};
const awaitDecision: TierStep = {
  ...{ code: 'await_decision', operation: null },
  detail: 'Somebody else proved your domain as well. Nothing is paid out until the vendor has decided.',
};
