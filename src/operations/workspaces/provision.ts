import * as z from 'zod';
import { isCountedByNetwork, type Principal } from '../../domain/actor.ts';
import { attribute } from '../../domain/attribution.ts';
import { defaultModel } from '../../domain/data-schema/default-model.ts';
import type { DataModel } from '../../domain/data-schema/model.ts';
import { planDataModel } from '../../domain/data-schema/plan.ts';
import { type Decision, type Given, together } from '../../domain/decision.ts';
import { firstVersions, furnishWorkspace } from '../../domain/furnish-workspace.ts';
import { isLent } from '../../domain/prospect.ts';
import type { Credit, ReferralSummary } from '../../domain/referral.ts';
import { invariant, ok, type Result, refuse } from '../../domain/result.ts';
import { tell } from '../../domain/stage.ts';
import { cleanText } from '../../domain/untrusted-text.ts';
import type { PublishedEvent } from '../../domain/work-changes.ts';
import { claimSecrets, whyHidden, workspaceKey } from '../../domain/workspace.ts';
import type { Desk } from '../desk.ts';
import { defineWrite, type Known } from '../operation.ts';
import {
  attributionLoads,
  creditOf,
  type KnownProspect,
  knownProspect,
  openReferral,
  type Presented,
  present,
  presentedToken,
  redeemed,
} from '../referrals/present-attribution.ts';
import { referralStatus } from '../referrals/schemas.ts';
import { attributionInput, attributionOutcome, id, instant, nextActions, prospect, sha256, terms } from '../vocabulary.ts';
import { claim, credentials, limitsOf, showField, workspaceView } from './schemas.ts';

const input = z.strictObject({
  prospect,
  schema: z
    .strictObject({
      format: z.enum(['json-schema', 'sql-ddl', 'openapi']).describe('Only json-schema is understood so far.'),
      document: z
        .union([z.record(z.string(), z.unknown()), z.string().max(65_536)])
        .describe('The schema itself: an object for json-schema (2020-12).'),
    })
    .optional()
    .describe("The shape of the prospect's data. Left out: accounts, contacts and deals."),
  seed_rows: z.int().min(0).max(100).default(5).describe('Synthetic rows per entity.'),
  ttl_hours: z.int().min(1).max(168).optional().describe('How long the workspace lives. Default 72 unless the vendor says otherwise.'),
  dry_run: z.boolean().default(false).describe('Answer the mapping and create nothing.'),
  expected_terms_sha256: sha256.optional().describe('Refuse when the current program terms are not these.'),
  attribution: attributionInput.optional(),
});

const referral = z
  .strictObject({
    id: id('ref', 'a referral'),
    status: referralStatus,
    organization_id: id('org', 'the organization that is credited'),
    expires_at: instant,
    terms,
    receipt: z.string().describe('JWS, verifiable offline with /.well-known/jwks.json.'),
  })
  .meta({ id: 'ProvisionedReferral' });

const output = z
  .strictObject({
    workspace: workspaceView.nullable().describe('Null in a dry run.'),
    entities: workspaceView.shape.entities.nullable().describe('In a dry run: what would be made.'),
    mapping: workspaceView.shape.mapping.nullable().describe('In a dry run: what would become of the schema.'),
    credentials: credentials.nullable(),
    credentials_reason: z.string().nullable().describe('Why credentials are not shown.'),
    claim: claim.nullable(),
    referral: referral.nullable(),
    attribution: attributionOutcome,
    next_actions: nextActions,
  })
  .meta({ id: 'ProvisionedWorkspace' });

type Input = z.output<typeof input>;

interface Planned {
  readonly model: DataModel;
  readonly mapping: readonly { readonly pointer: string; readonly outcome: 'mapped' | 'coerced' | 'dropped'; readonly reason: string }[];
  readonly untrusted: object;
}

interface Found extends Presented, Planned {}

/** What is committed: everything the answer needs, without a secret. */
interface Provisioned {
  readonly workspace: Omit<z.output<typeof workspaceView>, 'api_base'> | null;
  readonly dryRun: { entities: z.output<typeof workspaceView>['entities']; mapping: Planned['mapping'] } | null;
  readonly referral: (ReferralSummary & { receipt: string }) | null;
  readonly attribution: z.output<typeof attributionOutcome>;
}

export const provisionWorkspace = defineWrite({
  name: 'provision_workspace',
  title: 'Provision a workspace',
  summary: "Create a sandbox shaped like a prospect's own data",
  description:
    'Creates a working sandbox with the entities of the JSON Schema you send and a few synthetic rows, and answers at once with its API ' +
    'key (shown once), its expiry, a claim link for a human, and, when you or your token name an organization, a pending referral with a ' +
    'signed receipt. Use it when a prospect should be able to try the product with its own data shape. Call it with dry_run first to see ' +
    'how the schema maps. Without a credential it works within limits and nobody is credited. The workspace ends after ttl_hours; the ' +
    'referral does not end with it.',
  rest: { method: 'post', path: '/v1/workspaces/provision', status: 201, also: 200 },
  mcp: true,
  access: { scope: 'workspaces:provision', anonymous: true },
  input,
  output,
  failures: ['schema.unsupported', 'attribution.token_invalid', 'terms.changed', 'quota.exhausted'],
  sideEffect: 'reversible',

  async inspect(asked, desk, now): Promise<Result<Found>> {
    const presented = await present(asked, desk, now);
    if (!presented.ok) return presented;
    const planned = plan(asked);
    return planned.ok ? ok({ ...presented.value, ...planned.value }) : planned;
  },
  load: attributionLoads,

  decide({ credit: [facts] }, known, given) {
    const { input: asked, found, desk } = known;
    invariant(facts, 'one prospect was asked for');
    if (asked.expected_terms_sha256 !== undefined && asked.expected_terms_sha256 !== desk.program.sha256) return refuse('terms.changed');
    const token = presentedToken(found, facts.token);
    if (!token.ok) return token;
    const attribution = attribute({
      principal: known.principal,
      token: token.value,
      unusable: found.unusable,
      prospectDomain: found.prospect.domain,
    });
    if (asked.dry_run) return ok(rehearse(known, attribution));

    const workspaceId = given.newId('ws');
    const prospect = knownProspect(facts.prospect_id, found.prospect, given);
    const finish = (credited: Credit | null, receipt: string) =>
      open(known, given, { workspaceId, prospect, attribution, credited, receipt });
    if (attribution.outcome !== 'attributed') return ok(finish(null, ''));
    const particulars = { prospect: untrustedProspect(asked) };
    const before = facts.open && openReferral(facts.open, desk);
    const credited = creditOf(
      {
        ...{ attribution, prospect, open: before, workspaceId, via: 'provision', particulars },
        redeemed: redeemed(known.principal, found, token.value),
      },
      desk,
      given,
    );
    if (!credited.toSign) return ok(finish(credited, before?.receipt ?? ''));
    return ok({ sign: { receipt: credited.toSign }, finish: ({ receipt }) => finish(credited, receipt ?? '') });
  },

  view(result, { desk, now }, replay) {
    const { workspace, dryRun } = result;
    if (!workspace) {
      return {
        workspace: null,
        entities: dryRun?.entities ?? null,
        mapping: dryRun ? [...dryRun.mapping] : null,
        credentials: null,
        credentials_reason: 'dry_run',
        claim: null,
        referral: null,
        attribution: result.attribution,
        next_actions: [],
      };
    }
    const hidden = replay ? whyHidden({ keyVersion: firstVersions.key, committedAt: replay.committedAt }, replay.workspace, now) : null;
    const relinked = replay?.workspace != null && replay.workspace.claim_version !== firstVersions.claim;
    const secrets = claimSecrets(desk.derive, desk.environment, workspace.id, firstVersions.claim);
    const { created_at: _, ...referral } = result.referral ?? { created_at: '' };
    return {
      workspace: { ...workspace, api_base: `${desk.origin}/v1/workspaces/${workspace.id}/data` },
      entities: null,
      mapping: null,
      credentials: hidden
        ? null
        : { type: 'bearer' as const, api_key: workspaceKey(desk.derive, desk.environment, workspace.id, firstVersions.key) },
      credentials_reason: hidden,
      claim:
        hidden || relinked
          ? null
          : { url: `${desk.origin}/claim/${secrets.token}`, user_code: secrets.userCode, expires_at: workspace.expires_at },
      referral: result.referral ? (referral as z.output<typeof output>['referral']) : null,
      attribution: result.attribution,
      next_actions: [
        {
          operation: 'list_workspace_rows',
          method: 'GET',
          url: `${desk.origin}/v1/workspaces/${workspace.id}/data/${workspace.entities[0]?.name}`,
          why: 'Read the synthetic rows with the workspace key.',
        },
        {
          operation: 'write_workspace_rows',
          method: 'POST',
          url: `${desk.origin}/v1/workspaces/${workspace.id}/data/${workspace.entities[0]?.name}`,
          why: 'Write rows; they are checked against the schema.',
        },
        ...(result.referral
          ? [
              {
                operation: 'get_referral',
                method: 'GET',
                url: `${desk.origin}/v1/referrals/${result.referral.id}`,
                why: 'See where the referral stands.',
              },
            ]
          : []),
      ],
    };
  },
  status: (answer) => (answer.workspace ? 201 : 200),
});

function plan(asked: Input): Result<Planned, 'schema.unsupported'> {
  if (!asked.schema) return ok({ model: defaultModel(), mapping: [], untrusted: {} });
  if (asked.schema.format !== 'json-schema') {
    return refuse('schema.unsupported', {
      issues: [{ pointer: '/schema/format', code: 'format', message: 'Only json-schema is understood so far.' }],
    });
  }
  const planned = planDataModel(asked.schema.document);
  if (planned.ok) return ok(planned.value);
  return { ...planned, issues: (planned.issues ?? []).map((issue) => ({ ...issue, pointer: `/schema/document${issue.pointer}` })) };
}

const untrustedProspect = ({ prospect }: Input) => ({
  name: cleanText(prospect.name, 120),
  domain: cleanText(prospect.domain, 253),
  contact_email: prospect.contact_email === undefined ? null : cleanText(prospect.contact_email, 254),
});

function rehearse(
  known: Known<Input, Found>,
  attribution: { outcome: Provisioned['attribution']['outcome']; rule: string },
): Decision<Provisioned> {
  const { model, mapping } = known.found;
  const entities = model.entities.map(({ name, fields }) => ({ name, fields: fields.map(showField), row_count: known.input.seed_rows }));
  return {
    changes: {},
    dry: true,
    result: {
      workspace: null,
      dryRun: { entities, mapping },
      referral: null,
      attribution: { outcome: attribution.outcome, rule: attribution.rule },
    },
  };
}

interface Opening {
  readonly workspaceId: string;
  readonly prospect: KnownProspect;
  readonly attribution: { readonly outcome: Provisioned['attribution']['outcome']; readonly rule: string };
  readonly credited: Credit | null;
  readonly receipt: string;
}

/** Workspace and referral in one decision: both are there, or neither. */
function open(known: Known<Input, Found>, given: Given, what: Opening): Decision<Provisioned> {
  const { input: asked, found, desk, principal } = known;
  const { workspaceId, prospect, credited, receipt } = what;
  const quota = desk.vendor.provisioning;
  const referralId = credited?.referral.id ?? null;
  const untrusted = { prospect: untrustedProspect(asked), ...found.untrusted };
  const furnished = furnishWorkspace(
    {
      workspaceId,
      organizationId: principal.organizationId,
      agentId: principal.agentId,
      prospectId: prospect.id,
      referralId,
      ...quotaOf(principal, known.network, quota),
      rowLimit: quota.rows_per_workspace,
      ttlHours: Math.min(asked.ttl_hours ?? quota.default_ttl_hours, quota.max_ttl_hours),
      seedRows: asked.seed_rows,
      environment: desk.environment,
      model: found.model,
      mapping: found.mapping,
      untrusted,
    },
    given,
  );
  const crediting = credited?.changes(receipt) ?? {};
  return {
    subjectId: workspaceId,
    changes: together(prospect.changes, crediting, furnished.changes, { events: [provisioned(workspaceId, principal, referralId, given)] }),
    result: {
      workspace: {
        id: workspaceId,
        status: 'active',
        host: 'built_in',
        entities: furnished.entities.map(({ name, fields, row_count }) => ({ name, fields: fields.map(showField), row_count })),
        mapping: [...found.mapping],
        referral_id: referralId,
        created_at: furnished.createdAt,
        expires_at: furnished.expiresAt,
        limits: limitsOf(quota.rows_per_workspace),
        untrusted,
      },
      dryRun: null,
      referral: credited ? { ...credited.referral, receipt } : null,
      attribution: { outcome: credited?.outcome ?? what.attribution.outcome, rule: what.attribution.rule },
    },
  };
}

/**
 * Whose active workspaces they count as, and how many there may be: who makes itself up counts where it cannot choose. Names that a hosting
 * company lends cost nothing either, whatever is proven there.
 */
function quotaOf(principal: Principal, network: string, quota: Desk['vendor']['provisioning']) {
  const isOfNobody = principal.via?.kind !== 'api_key' && principal.domain !== null && isLent(principal.domain);
  if (!isCountedByNetwork(principal) && !isOfNobody) return { owner: principal.id, activeLimit: quota.api_key.active_workspaces };
  const { active_workspaces } = principal.tier === 'anonymous' ? quota.anonymous : quota.key_bound;
  return { owner: network, activeLimit: active_workspaces };
}

/** What subscribers are told: ids and times, nothing that a stranger wrote. */
function provisioned(workspaceId: string, { organizationId, agentId }: Principal, referralId: string | null, given: Given): PublishedEvent {
  const data = { workspace: workspaceId, organization: organizationId, agent: agentId, referral: referralId };
  return tell(given, { type: 'workspace.provisioned', organization_id: organizationId, subject_id: workspaceId, data });
}
