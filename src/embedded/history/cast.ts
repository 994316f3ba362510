import type { Tier } from '../../domain/actor.ts';

export type CurrencyCode = 'usd' | 'eur' | 'jpy';

/** An organization that refers. Its customers pay in its currency. */
export interface CastOrganization {
  readonly domain: string;
  readonly name: string;
  readonly tier: Tier;
  readonly currency: CurrencyCode;
  /** The day on which it is linked to the customer that it is at the vendor, and whether that customer has a running subscription. */
  readonly customer: { readonly day: number; readonly subscribes: boolean } | null;
  /** The day on which it proves its domain, and how. */
  readonly proof: { readonly day: number; readonly method: 'dns_txt' | 'well_known' } | null;
}

/** An agent that refers. `volume`: how much of it; `skill`: how much of that pays. */
export interface CastAgent {
  readonly name: string;
  readonly domain: string;
  readonly joins: number;
  readonly volume: number;
  readonly skill: number;
  /** Weekdays (0 is Sunday) on which it sends what it gathered; every day unless given. */
  readonly sendsOn?: readonly number[];
  /** The label of its referral link. */
  readonly campaign?: string;
}

const inDns = (day: number) => ({ day, method: 'dns_txt' }) as const;
const inFile = (day: number) => ({ day, method: 'well_known' }) as const;

/** Nine organizations with agents, of which the last comes by an application. The first three are those of `demo.json`. */
export const castOrganizations: readonly CastOrganization[] = [
  { domain: 'acme-ops.example', name: 'Acme Ops', tier: 'domain_verified', currency: 'usd', customer: null, proof: inDns(1) },
  {
    ...{ domain: 'procura.example', name: 'Procura', tier: 'domain_verified', currency: 'usd' },
    ...{ customer: { day: 60, subscribes: false }, proof: inDns(3) },
  },
  {
    ...{ domain: 'northwind-freight.example', name: 'Northwind Freight', tier: 'domain_verified', currency: 'usd' },
    ...{ customer: null, proof: inFile(9) },
  },
  {
    domain: 'brightpath.example',
    name: 'Brightpath Consulting',
    tier: 'domain_verified',
    currency: 'usd',
    customer: { day: 68, subscribes: true },
    proof: inDns(7),
  },
  {
    domain: 'hanse-revenue.example',
    name: 'Hanse Revenue Beratung',
    tier: 'attested',
    currency: 'eur',
    customer: { day: 41, subscribes: true },
    proof: inDns(13),
  },
  {
    domain: 'sakura-partners.example',
    name: 'Sakura Partners',
    tier: 'domain_verified',
    currency: 'jpy',
    customer: { day: 41, subscribes: true },
    proof: inFile(23),
  },
  { domain: 'stackwise.example', name: 'Stackwise', tier: 'domain_verified', currency: 'usd', customer: null, proof: inDns(31) },
  { domain: 'adrelay.example', name: 'Adrelay Network', tier: 'key_bound', currency: 'usd', customer: null, proof: null },
  {
    ...{ domain: 'fernhill-advisory.example', name: 'Fernhill Advisory', tier: 'domain_verified', currency: 'usd' },
    ...{ customer: null, proof: inDns(74) },
  },
];

const mondayAndThursday = [1, 4];

export const castAgents: readonly CastAgent[] = [
  { name: 'ops-optimizer', domain: 'acme-ops.example', joins: 0, volume: 8, skill: 2.4, campaign: 'ops-review' },
  { name: 'revops-scout', domain: 'acme-ops.example', joins: 25, volume: 6, skill: 0.8, sendsOn: mondayAndThursday },
  { name: 'procure-bot', domain: 'procura.example', joins: 0, volume: 8, skill: 1.3, sendsOn: [2, 5] },
  { name: 'northwind-it', domain: 'northwind-freight.example', joins: 0, volume: 3, skill: 1.8 },
  {
    name: 'brightpath-advisor',
    domain: 'brightpath.example',
    joins: 5,
    volume: 7,
    skill: 2.2,
    sendsOn: [1, 3, 5],
    campaign: 'autumn-webinar',
  },
  { name: 'brightpath-sdr', domain: 'brightpath.example', joins: 35, volume: 8, skill: 0.4, sendsOn: mondayAndThursday },
  { name: 'hanse-berater', domain: 'hanse-revenue.example', joins: 12, volume: 7, skill: 2, sendsOn: [2, 4], campaign: 'crm-umstieg' },
  { name: 'crm-lotse', domain: 'hanse-revenue.example', joins: 48, volume: 4, skill: 1, sendsOn: [2, 4] },
  { name: 'sakura-annai', domain: 'sakura-partners.example', joins: 20, volume: 6, skill: 2, sendsOn: [1, 2, 4] },
  { name: 'sakura-keiri', domain: 'sakura-partners.example', joins: 60, volume: 3, skill: 1, sendsOn: [1, 3] },
  { name: 'stack-recommender', domain: 'stackwise.example', joins: 30, volume: 12, skill: 0.9, sendsOn: [1, 3, 5], campaign: 'stack-quiz' },
  { name: 'fernhill-adviser', domain: 'fernhill-advisory.example', joins: 75, volume: 5, skill: 0.9, sendsOn: [3] },
  { name: 'adrelay-03', domain: 'adrelay.example', joins: 96, volume: 9, skill: 0.1, sendsOn: [2] },
  { name: 'clickfarm-07', domain: 'adrelay.example', joins: 96, volume: 0, skill: 0 },
];

/** The agent whose burst is noticed and held. */
export const farm = 'clickfarm-07';

/** Who is invited, by the day. Mail to them is kept nowhere. */
export const castPeople = [
  { day: 1, email: 'ines.okafor@ledgerbridge.example', name: 'Ines Okafor', role: 'operator', domains: [] },
  { day: 6, email: 'maya.lindqvist@acme-ops.example', name: 'Maya Lindqvist', role: 'partner', domains: ['acme-ops.example'] },
  {
    ...{ day: 42, email: 'jonas.weber@ledgerbridge.example', name: 'Jonas Weber', role: 'channel_manager' },
    domains: ['hanse-revenue.example', 'sakura-partners.example', 'brightpath.example'],
  },
  { day: 44, email: 'haruka.mori@sakura-partners.example', name: 'Haruka Mori', role: 'partner', domains: ['sakura-partners.example'] },
  { day: 90, email: 'audit@northaudit.example', name: 'Lena Novak', role: 'auditor', domains: [] },
] as const;

/** Who applies to become a partner, and what comes of it. */
export const castApplications = [
  {
    day: 33,
    email: 'growth@topdeals.example',
    organization: 'Top Deals Daily',
    domain: 'topdeals.example',
    answer: { day: 34, approve: false },
  },
  {
    day: 70,
    email: 'partners@fernhill-advisory.example',
    organization: 'Fernhill Advisory',
    domain: 'fernhill-advisory.example',
    answer: { day: 72, approve: true },
  },
  { day: 112, email: 'kontakt@elbtal-software.example', organization: 'Elbtal Software', domain: 'elbtal-software.example', answer: null },
  { day: 116, email: 'hello@quillworks.example', organization: 'Quillworks', domain: 'quillworks.example', answer: null },
  { day: 118, email: 'renata@oakline-cfo.example', organization: 'Oakline CFO Services', domain: 'oakline-cfo.example', answer: null },
] as const;
