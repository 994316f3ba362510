import * as z from 'zod';
import { amountMinor, calendarDate, currency, email, figures, instant, slug, text, url } from './document-field.ts';

/**
 * What a vendor offers, in the form in which the capabilities document states it: every field present, null where there is nothing to say.
 * The vendor file holds the same objects with defaults (see `vendor.ts`).
 */

const token = () => z.string().regex(/^[a-z0-9][a-z0-9.+_-]{0,62}$/, { error: 'A lower-case token is needed.' });
const tierIds = () => z.array(slug()).max(20);

export const Contact = z.strictObject({
  role: z.enum(['sales', 'support', 'security', 'legal', 'partnerships']).describe('What the contact is for.'),
  email: email().describe('The address that is read for this role.'),
});

export const Support = z.strictObject({
  url: url().nullable().describe('Where people get help.'),
  email: email().nullable().describe('The address that people write to for help.'),
  status_url: url().nullable().describe('The page that shows whether the product is up.'),
  hours: text(120).nullable().describe('When people answer.'),
});

export const VendorIdentity = z.strictObject({
  id: slug().describe("The vendor's short name, which never changes."),
  name: text(80).describe('The name that people know.'),
  url: url().describe("The vendor's home page."),
  legal_name: text(160).describe('The company that a customer signs with.'),
  contacts: z.array(Contact).min(1).max(10).describe('Whom to write to, by role.'),
  support: Support.describe('Where help is found.'),
});

export const Product = z.strictObject({
  id: slug().describe("The product's short name."),
  name: text(80).describe('The name that people know.'),
  version: z
    .string()
    .max(40)
    .regex(/^[A-Za-z0-9][A-Za-z0-9.+-]*$/, { error: 'A version such as 2.4.0 is needed.' })
    .describe('The version that is on offer now.'),
  summary: text(600).describe('What the product does, in plain words.'),
  categories: z.array(slug()).min(1).max(10).describe('The categories that the product belongs to.'),
});

export const Feature = z.strictObject({
  id: slug().describe('The short name that requirements refer to.'),
  name: text(80).describe('The name that people know.'),
  description: text(400).describe('What the feature does.'),
  status: z.enum(['ga', 'beta', 'planned']).describe('Generally available, beta, or planned and not usable yet.'),
  tiers: tierIds().describe('The pricing tiers that include the feature; an empty list means all tiers.'),
  limits: figures().describe('Limits of the feature as named whole numbers.'),
  docs_url: url().nullable().describe('The documentation of the feature.'),
});

export const IntegrationPoint = z.strictObject({
  id: slug().describe('The short name of the integration point.'),
  kind: z.enum(['connector', 'rest', 'mcp', 'webhook', 'sdk', 'oauth', 'scim', 'export']).describe('How the systems connect.'),
  system: slug().nullable().describe('The other system, for example `hubspot`; null if any system can connect.'),
  name: text(80).describe('The name that people know.'),
  direction: z.enum(['inbound', 'outbound', 'bidirectional']).describe('Whether data flows into the product, out of it, or both ways.'),
  auth: z
    .array(z.enum(['none', 'oauth2', 'api_key', 'bearer', 'basic', 'mtls', 'hmac_signature']))
    .max(7)
    .describe('The ways to authenticate.'),
  formats: z.array(token()).max(20).describe('The data formats that are spoken, such as `json`.'),
  objects: z.array(slug()).max(50).describe('The kinds of record that are exchanged.'),
  limits: figures().describe('Limits of the integration point as named whole numbers.'),
  url: url().nullable().describe('The address of the interface, if it has a single one.'),
  docs_url: url().nullable().describe('The documentation of the integration point.'),
  spec_url: url().nullable().describe('A machine-readable description, such as an OpenAPI document.'),
});

export const Evidence = z.strictObject({
  url: url().describe('Where the evidence is found.'),
  media_type: z
    .string()
    .max(100)
    .regex(/^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/, { error: 'A media type such as application/pdf is needed.' })
    .describe('The media type of the evidence.'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, { error: 'A digest is needed: sha256: and 64 lower-case hexadecimal digits.' })
    .describe('The SHA-256 of the evidence as `sha256:` and hexadecimal digits.'),
  access: z.enum(['public', 'nda']).describe('Whether anyone may read the evidence or only after signing a non-disclosure agreement.'),
});

export const Compliance = z.strictObject({
  id: slug().describe('The short name of the statement.'),
  framework: slug().describe('The framework, for example `soc2-type2` or `iso27001`.'),
  name: text(80).describe('The name that people know.'),
  status: z
    .enum(['certified', 'attested', 'in_progress'])
    .describe('Certified by an auditor, attested by the vendor, or still in progress.'),
  scope: text(300).describe('What the statement covers.'),
  auditor: text(120).nullable().describe('Who audited; null if nobody independent did.'),
  issued_on: calendarDate().nullable().describe('The first day on which the statement holds.'),
  expires_on: calendarDate().nullable().describe('The last day on which the statement holds; null if it has no end.'),
  evidence: Evidence.nullable().describe('The document that proves the statement; null while in progress.'),
});

export const DataResidency = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,30}$/, { error: 'A region such as eu or eu-central is needed.' })
    .describe('The region, for example `eu`.'),
  location: text(120).nullable().describe('The place, in words for people.'),
  storage: z.boolean().describe('Whether customer data can be kept only in this region.'),
  processing: z.boolean().describe('Whether customer data can be processed only in this region.'),
});

export const Money = z.strictObject({
  amount_minor: amountMinor().describe("The amount in the currency's smallest unit."),
  currency: currency().describe('The ISO 4217 currency code in lower case.'),
});

export const Overage = z.strictObject({
  unit: text(80).describe('What is counted beyond the included volume.'),
  per_units: z.int().min(1).max(1_000_000_000).describe('How many units one price covers.'),
  amount_minor: amountMinor().describe('The price of that many units, in the smallest unit of the pricing currency.'),
});

export const Tier = z.strictObject({
  id: slug().describe('The short name that features refer to.'),
  name: text(80).describe('The name that people know.'),
  model: z.enum(['free', 'flat', 'per_seat', 'usage', 'custom']).describe('How the price is formed.'),
  amount_minor: amountMinor()
    .nullable()
    .describe('The price in the smallest unit of the pricing currency; null if it is agreed individually.'),
  currency_options: z.array(Money).max(20).describe('The price in other currencies.'),
  interval: z.enum(['month', 'year']).nullable().describe('How often the price is due; null if it is not recurring.'),
  unit: text(80).nullable().describe('What one price pays for, such as a seat.'),
  included: figures().describe('Volumes that the price includes as named whole numbers.'),
  overage: Overage.nullable().describe('What more than the included volume costs; null if no more can be used.'),
  limits: figures().describe('Limits of the tier as named whole numbers.'),
});

export const Trial = z.strictObject({
  days: z.int().min(1).max(365).describe('How many days the trial lasts.'),
  limits: figures().describe('Limits of the trial as named whole numbers.'),
});

export const Pricing = z.strictObject({
  currency: currency().describe('The ISO 4217 currency, in lower case, of every amount that names no other.'),
  tiers: z.array(Tier).min(1).max(20).describe('The tiers, cheapest first.'),
  trial: Trial.nullable().describe('The free trial; null if there is none.'),
});

export const Performance = z.strictObject({
  metric: slug().describe('What was measured, for example `sync_latency`.'),
  unit: z.enum(['ms', 's', 'percent', 'per_second']).describe('The unit of the percentiles.'),
  region: slug().describe('Where it was measured.'),
  window: z
    .strictObject({ from: instant().describe('The start of the window.'), to: instant().describe('The end of the window.') })
    .describe('The span of time that the samples come from.'),
  samples: z.int().min(1).max(1_000_000_000_000).describe('How many samples were taken.'),
  p50: z.number().min(0).max(1e12).describe('The median.'),
  p95: z.number().min(0).max(1e12).describe('The 95th percentile.'),
  p99: z.number().min(0).max(1e12).describe('The 99th percentile.'),
  method: text(300).describe('How it was measured, so that others can repeat it.'),
  measured_by: slug().describe("Who measured: the vendor's id for the vendor's own figures."),
  measured_at: instant().describe('When the figures were computed.'),
});

export const Sla = z.strictObject({
  availability_percent: z.number().min(0).max(100).describe('The availability that is promised, in percent of the window.'),
  window: z.enum(['month', 'quarter', 'year']).describe('The span over which availability is judged.'),
  tiers: tierIds().describe('The tiers that carry the promise; an empty list means all tiers.'),
  credits_url: url().nullable().describe('What the customer gets when the promise is broken.'),
});
