import * as z from 'zod';
import { slug, url } from './document-field.ts';
import {
  Compliance,
  DataResidency,
  Feature,
  IntegrationPoint,
  Performance,
  Pricing,
  Product,
  Sla,
  Support,
  Tier,
  Trial,
  VendorIdentity,
} from './offer.ts';
import { AttributionPolicy, ProgramBody, Reward, SelfReferralPolicy } from './program.ts';
import { registrableDomain } from './prospect.ts';
import { type Issue, ok, type Result, refuse } from './result.ts';
import { issuesOf, jsonPointer } from './schema-issues.ts';
import { crossFieldIssues } from './vendor-rules.ts';

const MAX_ISSUES = 50;
const MAX_VALUES = 20_000;
const MAX_DEPTH = 16;

/**
 * Reads a vendor file (parsed JSON). `request.invalid` lists the issues with JSON Pointers, at most 50: first what is wrong with single
 * fields, and once every field has its form, what contradicts another field.
 */
export function parseVendorConfig(raw: unknown): Result<VendorConfig, 'request.invalid'> {
  const size = sizeIssue(raw);
  if (size !== null) return invalid([size]);
  const parsed = VendorFile.safeParse(raw);
  if (!parsed.success) return invalid(issuesOf(parsed.error, raw, MAX_ISSUES));
  const contradictions = crossFieldIssues(parsed.data).slice(0, MAX_ISSUES);
  return contradictions.length > 0 ? invalid(contradictions) : ok(parsed.data);
}

/** The origin under which the vendor publishes itself: its first host; null when the file names none. */
export function canonicalOrigin(config: VendorConfig): string | null {
  const host = config.hosts[0];
  if (host === undefined) return null;
  return `${/^(?:localhost|127\.0\.0\.1)(?::|$)/.test(host) ? 'http' : 'https'}://${host}`;
}

export interface RateLimit {
  /** How many calls may come at once. */
  readonly q: number;
  /** Seconds in which a used-up quota is whole again, rounded up. */
  readonly w: number;
}

/**
 * Every limit by its name: `q` calls at once, refilled evenly over `w`. The long-run rate never exceeds the file's. Counted by network:
 * `anonymous`, `newcomers` (everybody there whose identity is its own making), `token`, `registration`, `sign_in`, `link`, `challenge`, and
 * of newcomers what they ask of others' domains: `domain_proof`, `join`; by whoever calls: `key_bound`, `agent`, `api_key`, `workspace`,
 * `person`; by organization over all its tokens: `organization`; and `strangers` by all callers without a credential together.
 */
export function rateLimits(config: VendorConfig) {
  const { anonymous, strangers, key_bound, api_key } = config.provisioning;
  const perKey = perSecond(api_key);
  return {
    anonymous: perHour(anonymous),
    strangers: perHour(strangers),
    key_bound: perSecond(key_bound),
    newcomers: { q: 400, w: 20 },
    agent: perKey,
    api_key: perKey,
    organization: { q: 2 * perKey.q, w: perKey.w },
    workspace: { q: 200, w: 4 },
    person: { q: 300, w: 30 },
    token: { q: 120, w: 60 },
    registration: { q: 20, w: 1200 },
    sign_in: { q: 10, w: 1200 },
    link: { q: 60, w: 360 },
    challenge: { q: 120, w: 60 },
    domain_proof: { q: 20, w: 86_400 },
    // Of what waits two weeks at most, one network alone cannot fill an organization's hundred.
    join: { q: 5, w: 86_400 },
  } as const satisfies Readonly<Record<string, RateLimit>>;
}

const perHour = (of: { burst: number; per_hour: number }): RateLimit => ({ q: of.burst, w: Math.ceil((of.burst * 3600) / of.per_hour) });
const perSecond = (of: { burst: number; per_second: number }): RateLimit => ({ q: of.burst, w: Math.ceil(of.burst / of.per_second) });

const FileSupport = Support.extend({
  url: Support.shape.url.default(null),
  email: Support.shape.email.default(null),
  status_url: Support.shape.status_url.default(null),
  hours: Support.shape.hours.default(null),
});

const FileFeature = Feature.extend({
  tiers: Feature.shape.tiers.default([]),
  limits: Feature.shape.limits.default({}),
  docs_url: Feature.shape.docs_url.default(null),
});

const FileIntegrationPoint = IntegrationPoint.extend({
  system: IntegrationPoint.shape.system.default(null),
  formats: IntegrationPoint.shape.formats.default([]),
  objects: IntegrationPoint.shape.objects.default([]),
  limits: IntegrationPoint.shape.limits.default({}),
  url: IntegrationPoint.shape.url.default(null),
  docs_url: IntegrationPoint.shape.docs_url.default(null),
  spec_url: IntegrationPoint.shape.spec_url.default(null),
});

const FileCompliance = Compliance.extend({
  auditor: Compliance.shape.auditor.default(null),
  issued_on: Compliance.shape.issued_on.default(null),
  expires_on: Compliance.shape.expires_on.default(null),
  evidence: Compliance.shape.evidence.default(null),
});

const FileTier = Tier.extend({
  amount_minor: Tier.shape.amount_minor.default(null),
  currency_options: Tier.shape.currency_options.default([]),
  interval: Tier.shape.interval.default(null),
  unit: Tier.shape.unit.default(null),
  included: Tier.shape.included.default({}),
  overage: Tier.shape.overage.default(null),
  limits: Tier.shape.limits.default({}),
});

const FilePricing = Pricing.extend({
  tiers: z.array(FileTier).min(1).max(20).describe('The tiers, cheapest first.'),
  trial: Trial.extend({ limits: Trial.shape.limits.default({}) })
    .nullable()
    .default(null)
    .describe('The free trial; null if there is none.'),
});

const FileSla = Sla.extend({ tiers: Sla.shape.tiers.default([]), credits_url: Sla.shape.credits_url.default(null) });

const activeWorkspaces = z.int().min(1).max(100_000);
const burst = z.int().min(1).max(100_000);

const Provisioning = z.strictObject({
  default_ttl_hours: z.int().min(1).max(168).default(72).describe('How many hours a workspace lives if nobody says otherwise.'),
  max_ttl_hours: z.int().min(1).max(168).default(168).describe('How many hours a workspace may live at most.'),
  rows_per_workspace: z.int().min(100).max(100_000).default(10_000).describe('How many rows a workspace may hold.'),
  anonymous: z
    .strictObject({
      burst: burst.default(20).describe('How many calls one address prefix may make at once.'),
      per_hour: z.int().min(1).max(100_000).default(60).describe('How many calls an hour one address prefix may make in the long run.'),
      active_workspaces: activeWorkspaces.default(3).describe('How many active workspaces one address prefix may have.'),
    })
    .prefault({})
    .describe('Limits for callers without a credential, counted by address prefix.'),
  strangers: z
    .strictObject({
      burst: burst.default(600).describe('How many calls they may make at once before each has to solve a challenge.'),
      per_hour: z.int().min(1).max(100_000).default(1200).describe('How many calls an hour they may make in the long run without one.'),
    })
    .prefault({})
    .describe('Limits for all callers without a credential together.'),
  key_bound: z
    .strictObject({
      burst: burst.default(200).describe('How many calls one such agent may make at once.'),
      per_second: z.int().min(1).max(10_000).default(10).describe('How many calls a second one such agent may make in the long run.'),
      active_workspaces: activeWorkspaces.default(10).describe('How many active workspaces such agents of one address prefix may have.'),
    })
    .prefault({})
    .describe('Limits for agents that proved a key and no domain.'),
  api_key: z
    .strictObject({
      burst: burst.default(2000).describe('How many calls one API key may make at once.'),
      per_second: z.int().min(1).max(10_000).default(100).describe('How many calls a second one API key may make in the long run.'),
      active_workspaces: activeWorkspaces.default(1000).describe('How many active workspaces one organization may have.'),
    })
    .prefault({})
    .describe('Limits for callers with an API key.'),
});

const FileProgram = z.strictObject({
  id: slug().describe("The program's short name, which never changes."),
  ...ProgramBody.shape,
  reward: Reward.extend({ caps: Reward.shape.caps.default([]) }).describe('What a qualified referral earns.'),
  attribution: AttributionPolicy.extend({
    model: AttributionPolicy.shape.model.default('last_touch'),
    window_days: AttributionPolicy.shape.window_days.default(90),
    grace_days: AttributionPolicy.shape.grace_days.default(4),
    declared_alone_qualifies: AttributionPolicy.shape.declared_alone_qualifies.default(false),
  })
    .prefault({})
    .describe('Who is credited when several organizations referred the same customer.'),
  self_referral: SelfReferralPolicy.extend({ allow_resellers: SelfReferralPolicy.shape.allow_resellers.default(false) })
    .prefault({})
    .describe('What holds when an organization refers itself.'),
  exclusions: ProgramBody.shape.exclusions.default([]),
  max_open_declared_per_organization: ProgramBody.shape.max_open_declared_per_organization.default(1000),
});

const Host = z
  .string()
  .max(259)
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,20}(?::(?!443$)[0-9]{1,5})?$/, {
    error: 'A host name in lower case is needed, without scheme, path, final dot or :443.',
  });

const TrustedIssuer = z.strictObject({
  issuer: url().describe('What stands in `iss`, exactly.'),
  jwks_uri: url().describe('Where its public keys are.'),
  organization_domain: z
    .string()
    .max(253)
    .refine((domain) => registrableDomain(domain) === domain, { error: 'A registrable domain is needed, such as example.com.' })
    .nullable()
    .default(null)
    .describe(
      'The organization that its subjects act for, by its registrable domain; null: each has one of its own, of which nothing is proven.',
    ),
});

/** The one documented vendor file. `scripts/emit-vendor-docs.ts` turns it into an editor schema and a reference. */
export const VendorFile = z.strictObject({
  $schema: z.string().max(2048).optional().describe('The address of this schema, for editors.'),
  vendor: VendorIdentity.extend({ support: FileSupport.prefault({}).describe('Where help is found.') }).describe('Who the vendor is.'),
  hosts: z
    .array(Host)
    .max(20)
    .default([])
    .describe('The exact hosts at which the vendor is served, the first being canonical; may be left out where only localhost is served.'),
  product: Product.describe('What is on offer.'),
  signup_url: url().describe('Where a human who claimed a workspace goes on to sign up.'),
  landing_url: url().describe('Where a human who follows a referral link arrives.'),
  features: z.array(FileFeature).min(1).max(100).describe('What the product can do.'),
  integration_points: z.array(FileIntegrationPoint).max(100).default([]).describe('What the product connects to, and how.'),
  compliance: z.array(FileCompliance).max(50).default([]).describe('Certifications and attestations with their evidence.'),
  data_residency: z
    .array(DataResidency.extend({ location: DataResidency.shape.location.default(null) }))
    .max(50)
    .default([])
    .describe('Regions in which data can be kept.'),
  pricing: FilePricing.describe('What the product costs.'),
  performance: z.array(Performance).max(50).default([]).describe("The vendor's own measurements."),
  sla: FileSla.nullable().default(null).describe('The availability that the vendor promises; null if it promises none.'),
  provisioning: Provisioning.prefault({}).describe('Limits for workspaces that agents open.'),
  program: FileProgram.describe('The referral terms; a change makes a new immutable version.'),
  trusted_issuers: z.array(TrustedIssuer).max(20).default([]).describe('Issuers whose identity assertions are believed (ID-JAG).'),
});
export type VendorConfig = z.output<typeof VendorFile>;

/** Refuses what is too large to be a vendor file before any field is looked at, cyclic values included. */
function sizeIssue(raw: unknown): Issue | null {
  const open: { value: unknown; path: readonly string[] }[] = [{ value: raw, path: [] }];
  for (let seen = 1; ; seen += 1) {
    const next = open.pop();
    if (next === undefined) return null;
    if (typeof next.value !== 'object' || next.value === null) continue;
    const keys = Object.keys(next.value);
    if (next.path.length >= MAX_DEPTH)
      return { pointer: jsonPointer(next.path), code: 'too_deep', message: `At most ${MAX_DEPTH} levels are allowed.` };
    if (seen + open.length + keys.length > MAX_VALUES)
      return { pointer: '', code: 'too_large', message: `At most ${MAX_VALUES} values are allowed.` };
    for (const key of keys) {
      if (key === '__proto__')
        return { pointer: jsonPointer([...next.path, key]), code: 'unknown_field', message: 'There is no such field here.' };
      open.push({ value: Reflect.get(next.value, key), path: [...next.path, key] });
    }
  }
}

function invalid(issues: readonly Issue[]) {
  return refuse('request.invalid', { detail: 'The vendor file does not match its schema.', issues });
}
