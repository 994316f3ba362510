import * as z from 'zod';
import { canonicalize } from './canonical.ts';
import { instant, sha256, url } from './document-field.ts';
import { Compliance, DataResidency, Feature, IntegrationPoint, Performance, Pricing, Product, Sla, VendorIdentity } from './offer.ts';
import { canonicalTerms, ProgramBody, ProgramId, programTerms } from './program.ts';
import { invariant } from './result.ts';
import { rateLimits, type VendorConfig } from './vendor.ts';

type LaterLink = 'arazzo' | 'server_card' | 'agent_card' | 'api_catalog' | 'skills' | 'llms_txt' | 'auth_md' | 'changelog';

export interface CapabilitiesInput {
  readonly config: VendorConfig;
  /** Canonical origin, no trailing slash. */
  readonly origin: string;
  readonly program: { readonly id: string; readonly version: number; readonly sha256: string };
  /** RFC 3339, UTC, milliseconds. */
  readonly issuedAt: string;
  readonly validUntil: string;
  readonly documentId: string;
  readonly rewardsMode: 'live' | 'escrow' | 'disabled';
  /** The scopes that a caller can obtain now. */
  readonly scopes: readonly string[];
  /** Paths of the further documents that are served; what is left out becomes null. */
  readonly links?: { readonly [K in LaterLink]?: string };
  /** Path of the protected-resource metadata (RFC 9728); left out while it is not served. */
  readonly resourceMetadata?: string;
  /** Path of the self-registration instructions; left out while there is none. */
  readonly agentAuth?: string;
}

/** The vendor's capabilities, unsigned. `input.program` must be the version that `input.config` makes: anything else is a bug. */
export function buildCapabilities(input: CapabilitiesInput): UnsignedCapabilities {
  const { config, origin } = input;
  invariant(input.issuedAt < input.validUntil, 'a document is valid after it is issued');
  return {
    schema_version: '1.0',
    document_id: input.documentId,
    issued_at: input.issuedAt,
    valid_until: input.validUntil,
    vendor: config.vendor,
    product: config.product,
    features: config.features,
    integration_points: config.integration_points,
    compliance: config.compliance,
    data_residency: config.data_residency,
    pricing: config.pricing,
    performance: config.performance,
    sla: config.sla,
    provisioning: provisioningOf(config, origin),
    referral: referralOf(input),
    auth: {
      methods: ['anonymous', 'api_key'],
      resource_metadata: absolute(origin, input.resourceMetadata),
      agent_auth: absolute(origin, input.agentAuth),
      scopes: [...input.scopes],
    },
    rate_limits: Object.entries(rateLimits(config)).map(([policy, limit]) => ({ policy, ...limit })),
    links: linksOf(input),
  };
}

/** What is signed: the UTF-8 bytes of the document's RFC 8785 form without `signatures`. */
export function capabilitiesSigningInput(document: UnsignedCapabilities | CapabilitiesDocument): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(canonicalize({ ...document, signatures: undefined }));
}

function provisioningOf({ provisioning }: VendorConfig, origin: string): z.output<typeof ProvisioningOffer> {
  const { anonymous, key_bound, api_key } = provisioning;
  return {
    endpoint: `${origin}/v1/workspaces/provision`,
    auth: ['anonymous', 'api_key'],
    ttl: { default_hours: provisioning.default_ttl_hours, max_hours: provisioning.max_ttl_hours },
    limits: {
      rows_per_workspace: provisioning.rows_per_workspace,
      active_workspaces: {
        anonymous: anonymous.active_workspaces,
        key_bound: key_bound.active_workspaces,
        api_key: api_key.active_workspaces,
      },
    },
    schema_formats: ['json-schema'],
    hosts: ['built_in'],
  };
}

function referralOf({ config, origin, program, rewardsMode }: CapabilitiesInput): z.output<typeof ReferralOffer> {
  const terms = programTerms(config, { programId: program.id, version: program.version });
  invariant(canonicalTerms(terms).sha256 === program.sha256, 'the quoted terms are those of the configuration');
  return {
    program_id: terms.program_id,
    terms_version: terms.version,
    terms_sha256: program.sha256,
    terms_url: `${origin}/v1/programs/${terms.program_id}/versions/${terms.version}`,
    reward: terms.reward,
    qualification: terms.qualification,
    hold_days: terms.hold_days,
    attribution: terms.attribution,
    exclusions: terms.exclusions,
    rewards_mode: rewardsMode,
  };
}

function linksOf({ config, origin, links = {} }: CapabilitiesInput): z.output<typeof Links> {
  return {
    openapi: `${origin}/openapi.json`,
    docs: `${origin}/docs`,
    mcp: `${origin}/mcp`,
    jwks: `${origin}/.well-known/jwks.json`,
    arazzo: absolute(origin, links.arazzo),
    server_card: absolute(origin, links.server_card),
    agent_card: absolute(origin, links.agent_card),
    api_catalog: absolute(origin, links.api_catalog),
    skills: absolute(origin, links.skills),
    llms_txt: absolute(origin, links.llms_txt),
    auth_md: absolute(origin, links.auth_md),
    changelog: absolute(origin, links.changelog),
    status: config.vendor.support.status_url,
    signup: config.signup_url,
    landing: config.landing_url,
  };
}

function absolute(origin: string, path: string | undefined): string | null {
  return path === undefined ? null : `${origin}${path}`;
}

const quantity = z.int().min(1).max(100_000);
const method = z.enum(['anonymous', 'api_key']);

const ProvisioningOffer = z.strictObject({
  endpoint: url().describe('Where a workspace is opened with POST; an Idempotency-Key is required.'),
  auth: z.array(method).describe('How a caller may present itself.'),
  ttl: z
    .strictObject({
      default_hours: z.int().min(1).max(168).describe('How long a workspace lives if nothing else is asked for.'),
      max_hours: z.int().min(1).max(168).describe('How long a workspace may live at most.'),
    })
    .describe('How long a workspace lives.'),
  limits: z
    .strictObject({
      rows_per_workspace: quantity.describe('How many rows a workspace may hold.'),
      active_workspaces: z
        .strictObject({
          anonymous: quantity.describe('Per address prefix, for callers without a credential.'),
          key_bound: quantity.describe('Per address prefix, for agents that proved a key and no domain.'),
          api_key: quantity.describe('Per organization.'),
        })
        .describe('How many workspaces may be active at a time.'),
    })
    .describe('How much can be opened.'),
  schema_formats: z.array(z.enum(['json-schema', 'sql-ddl', 'openapi'])).describe('The forms in which a data schema is understood.'),
  hosts: z.array(z.enum(['built_in', 'neon', 'vendor'])).describe('Where workspaces live.'),
});

const ReferralOffer = z.strictObject({
  program_id: ProgramId.describe('The id of the program.'),
  terms_version: z.int().min(1).describe('The version of the terms that a referral made now is bound to.'),
  terms_sha256: sha256().describe('The SHA-256 of the canonical bytes of the terms.'),
  terms_url: url().describe('Where exactly those bytes are served.'),
  reward: ProgramBody.shape.reward,
  qualification: ProgramBody.shape.qualification,
  hold_days: ProgramBody.shape.hold_days,
  attribution: ProgramBody.shape.attribution,
  exclusions: ProgramBody.shape.exclusions,
  rewards_mode: z
    .enum(['live', 'escrow', 'disabled'])
    .describe('What happens to rewards now: sent when due, kept in escrow and not sent, or not earned at all.'),
});

const Auth = z.strictObject({
  methods: z.array(method).describe('How a caller may present itself.'),
  resource_metadata: url().nullable().describe('The protected-resource metadata (RFC 9728); null while not served.'),
  agent_auth: url().nullable().describe('How an agent registers itself; null while it cannot.'),
  scopes: z
    .array(z.string().regex(/^[a-z_]+:[a-z_]+$/))
    .max(50)
    .describe('The scopes that a caller can obtain.'),
});

const RateLimitPolicy = z.strictObject({
  policy: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/)
    .describe('The name of the policy, as in RateLimit-Policy.'),
  q: z.int().min(1).max(200_000).describe('How many calls may come at once.'),
  w: z.int().min(1).max(1_000_000_000).describe('Seconds in which a used-up quota is whole again.'),
});

const notYet = (what: string) => url().nullable().describe(`${what}; null while not served.`);
const Links = z.strictObject({
  openapi: url().describe('The OpenAPI 3.1 description.'),
  docs: url().describe('The reference for readers.'),
  mcp: url().describe('The MCP endpoint.'),
  jwks: url().describe('The public keys that signatures verify with.'),
  arazzo: notYet('Workflow descriptions'),
  server_card: notYet('The MCP server card'),
  agent_card: notYet('The A2A agent card'),
  api_catalog: notYet('The API catalogue (RFC 9727)'),
  skills: notYet('The index of agent skills'),
  llms_txt: notYet('An introduction for language models'),
  auth_md: notYet('How agents authenticate, in words'),
  changelog: notYet('What changed'),
  status: url().nullable().describe("The vendor's status page; null if there is none."),
  signup: url().describe("The vendor's sign-up page for people."),
  landing: url().describe("The vendor's landing page for people."),
});

const base64url = z
  .string()
  .max(8192)
  .regex(/^[A-Za-z0-9_-]+$/);
const unsigned = {
  schema_version: z.literal('1.0').describe('The version of this form.'),
  document_id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/)
    .describe('The id of this issue of the document.'),
  issued_at: instant().describe('When the document was issued.'),
  valid_until: instant().describe('Until when its statements may be relied on.'),
  vendor: VendorIdentity.describe('Who the vendor is.'),
  product: Product.describe('What is on offer.'),
  features: z.array(Feature).max(100).describe('What the product can do.'),
  integration_points: z.array(IntegrationPoint).max(100).describe('What the product connects to, and how.'),
  compliance: z.array(Compliance).max(50).describe('Certifications and attestations with their evidence.'),
  data_residency: z.array(DataResidency).max(50).describe('Regions in which data can be kept.'),
  pricing: Pricing.describe('What the product costs.'),
  performance: z.array(Performance).max(50).describe('Measured figures; measured_by says who measured.'),
  sla: Sla.nullable().describe('The availability that the vendor promises; null if it promises none.'),
  provisioning: ProvisioningOffer.describe('How to open a workspace.'),
  referral: ReferralOffer.describe('What a referral earns.'),
  auth: Auth.describe('How to authenticate.'),
  rate_limits: z.array(RateLimitPolicy).max(20).describe('The limits on calls, evenly refilled.'),
  links: Links.describe('Where to go on; null is what does not exist.'),
};

const UnsignedCapabilities = z.strictObject(unsigned);
export type UnsignedCapabilities = z.output<typeof UnsignedCapabilities>;

/** The document as served. The signatures are JWS parts (RFC 7515) over `capabilitiesSigningInput`. */
export const CapabilitiesDocument = z
  .strictObject({
    ...unsigned,
    signatures: z
      .array(
        z.strictObject({
          protected: base64url.describe('The protected header, base64url.'),
          signature: base64url.describe('The signature, base64url.'),
        }),
      )
      .min(1)
      .max(4)
      .describe('Signatures over the canonical form (RFC 8785) without this field, detached; the keys are at links.jwks.'),
  })
  .meta({
    id: 'CapabilitiesDocument',
    description: "A vendor's facts for agents: offer, evidence, prices, limits, referral terms; signed.",
  });
export type CapabilitiesDocument = z.output<typeof CapabilitiesDocument>;
