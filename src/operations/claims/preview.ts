import * as z from 'zod';
import { reaches } from '../../domain/actor.ts';
import { sha256Hex } from '../../domain/canonical.ts';
import { signupSources } from '../../domain/claim-assertion.ts';
import { domainOfProspect, isUsable } from '../../domain/claim-proof.ts';
import { ok, refuse } from '../../domain/result.ts';
import { claimScope } from '../../domain/scopes.ts';
import { statusAt } from '../../domain/workspace.ts';
import { defineWrite } from '../operation.ts';
import { instant, slug, workspaceId } from '../vocabulary.ts';
import { untrusted } from '../workspaces/schemas.ts';
import { atBrowser, claimHash } from './schemas.ts';

/**
 * What the holder of a claim link may see: facts, and how far this browser has come. Nothing is written, since whoever scans links follows
 * them. It looks as the writer, whom alone proofs are shown to. A link that leads to nothing active leads nowhere.
 */
export const previewClaim = defineWrite({
  name: 'preview_claim',
  title: 'Preview a claim',
  summary: 'What a claim link leads to',
  description:
    'Shows what the workspace behind a claim link is, who opened it, and whose mailbox this browser has proven. Changes nothing.',
  rest: null,
  mcp: false,
  access: { scope: claimScope },
  input: z.strictObject({ claim_hash: claimHash, ...atBrowser }),
  output: z.strictObject({
    id: workspaceId,
    entities: z.array(slug),
    row_count: z.int(),
    created_at: instant,
    expires_at: instant,
    opened_by: z
      .strictObject({ proven_domain: z.string().nullable() })
      .nullable()
      .describe('The organization of the agent, by a domain that is proven or that the vendor vouches for. Null: an agent without any.'),
    mailbox_domain: z.string().nullable().describe('The registrable domain at which a mailbox has to be. Null: mail there proves nothing.'),
    proven: z.strictObject({ email: z.string() }).nullable().describe('Whose mailbox at the prospect this browser has proven.'),
    signup_sources: z.array(z.string()).describe('Where the vendor signs people up, as source expressions of a content security policy.'),
    untrusted,
  }),
  failures: ['resource.not_found'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input: { claim_hash, browser, session }, now }) => ({
    workspace: queries.reachedWorkspace(),
    facts: queries.claimFacts(),
    proof: queries.claimProof(claim_hash, browser && sha256Hex(browser), session),
    person: queries.addressOfSession(session, now),
  }),
  decide({ workspace, facts, proof, person }, { desk, now }) {
    if (!workspace || !facts || statusAt(workspace, now) !== 'active') return refuse('resource.not_found');
    const address = proof && isUsable(proof, now) ? proof.email : (person?.email ?? null);
    const isTheirs = address !== null && domainOfProspect(address, facts.prospect, desk.derive) !== null;
    return ok({
      dry: true as const,
      changes: {},
      result: {
        id: workspace.workspace_id,
        entities: workspace.model.entities.map(({ name }) => name),
        row_count: workspace.row_count,
        created_at: workspace.created_at,
        expires_at: workspace.expires_at,
        opened_by: facts.tier && { proven_domain: reaches(facts.tier, 'domain_verified') ? facts.domain : null },
        mailbox_domain: domainOfProspect(statedDomain(workspace.untrusted), facts.prospect, desk.derive),
        proven: isTheirs ? { email: address } : null,
        signup_sources: [...signupSources(desk.vendor.signup_url)],
        untrusted: workspace.untrusted,
      },
    });
  },
  view: (result) => result,
});

/** As the agent stated it: which company that is was found by it. */
function statedDomain({ prospect }: Readonly<Record<string, unknown>>): string {
  return typeof prospect === 'object' && prospect !== null && 'domain' in prospect ? String(prospect.domain) : '';
}
