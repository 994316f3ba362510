import * as z from 'zod';
import { invariant } from '../../domain/result.ts';
import { agentScopes, staffScopes } from '../../domain/scopes.ts';
import { organizations } from '../seed-demo.ts';
import type { Act, ActKind, ActOf, Conversion, Named } from './acts.ts';
import { castAgents, castApplications, castOrganizations } from './cast.ts';
import { days, vendorIn } from './eras.ts';
import { openPayers, type Payers } from './payers.ts';
import type { ProofWanted, Stage } from './stage.ts';

export interface Script {
  readonly acts: readonly Act[];
  /** The vendor file, as parsed JSON. */
  readonly vendor: unknown;
  /** Keys that exist from the first day: those of `demo.json`. */
  readonly keys: readonly { readonly domain: string; readonly api_key: string }[];
  readonly eventsKey: string;
  /** The first moment of the first day, and of today; and now. */
  readonly begins: Date;
  readonly ends: Date;
}

/** Plays the acts one after the other, each at its time, through the doors that everybody uses. Rejects at the first that is refused. */
export async function play(script: Script, stage: Stage): Promise<void> {
  const player = await openPlayer(script, stage);
  for (const act of script.acts) {
    await stage.goTo(timeOf(act, script));
    await perform(act, player);
  }
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Minutes of today are as long as there is of it. */
function timeOf({ day, minute }: Act, { begins, ends }: Script): Date {
  const start = begins.getTime() + day * dayMs;
  const length = day === days - 1 ? (ends.getTime() - start) / 1440 : minuteMs;
  return new Date(start + minute * length);
}

/** What the player knows, beside the script. */
interface Player {
  readonly script: Script;
  readonly stage: Stage;
  readonly payers: Payers;
  /** A back end's key with every scope, that nobody has once the history is over. */
  readonly office: string;
  /** By agent, organization's domain, referral, campaign and so on. */
  readonly keys: Map<string, string>;
  readonly organizationIds: Map<string, string>;
  readonly referrals: Map<string, string>;
  readonly workspaces: Map<string, string>;
  readonly disputes: Map<string, string>;
  readonly customers: Map<string, string>;
  readonly codes: Map<string, string>;
  readonly endpoints: Map<string, { readonly id: string; readonly key: string }>;
}

async function openPlayer(script: Script, stage: Stage): Promise<Player> {
  const scopes = [...agentScopes, ...staffScopes];
  const { key: office } = await stage.makeKey({
    agentName: 'revenue-operations',
    scopes,
    expiresAt: new Date(script.ends.getTime() + 3_600_000),
  });
  const firstAgents = script.keys.map(({ domain, api_key }): [string, string] => [
    organizations.find((one) => one.domain === domain)?.agentName ?? domain,
    api_key,
  ]);
  const organizationIds = new Map<string, string>();
  for (const { domain, api_key } of script.keys) {
    organizationIds.set(domain, statusAnswer.parse(await stage.call('GET', '/v1/me', api_key)).organization.id);
  }
  return {
    ...{ script, stage, office, payers: openPayers(stage.stripe), keys: new Map(firstAgents), organizationIds },
    ...{ referrals: new Map(), workspaces: new Map(), disputes: new Map(), customers: new Map(), codes: new Map(), endpoints: new Map() },
  };
}

type Performers = { readonly [K in ActKind]: (act: ActOf<K>, player: Player) => Promise<void> };

const performers: Performers = {
  async program({ era }, { script, stage }) {
    await stage.apply(vendorIn(era, script.vendor));
  },
  async agent({ agent }, { stage, keys, organizationIds }) {
    if (keys.has(agent)) return;
    const { domain } = agentNamed(agent);
    const { name, tier } = organizationAt(domain);
    const isFirst = !organizationIds.has(domain);
    const scopes = agentScopes.filter((scope) => scope !== 'agents:manage' && scope !== 'organizations:verify');
    const wanted = { organization: { domain, name }, agentName: agent, scopes };
    const made = await stage.makeKey(isFirst && isGiven(tier) ? { ...wanted, tier } : wanted);
    keys.set(agent, made.key);
    if (made.organizationId !== null) organizationIds.set(domain, made.organizationId);
  },
  async customer({ domain }, { stage, payers, office, organizationIds }) {
    const { name, currency, customer } = organizationAt(domain);
    const who = { name, email: `billing@${domain}` };
    const id = customer?.subscribes ? await payers.subscribe(who, currency, 'month') : await payers.register(who);
    const organization = organizationIds.get(domain);
    invariant(organization !== undefined, 'an organization is linked once it is known');
    await stage.call('POST', `/v1/organizations/${organization}/customer`, office, { stripe_customer: id });
  },
  async prove({ domain }, { stage }) {
    const { name, proof } = organizationAt(domain);
    invariant(proof !== null, 'only who proves its domain in the cast is to prove it');
    const wanted = { domain, method: proof.method };
    const applied = castApplications.find((one) => one.domain === domain);
    const opened = applied ? await stage.verifyAsInvited(applied.email, wanted) : await verifyWithKey({ domain, name }, wanted, stage);
    const { txt, well_known } = proofAnswer.parse(opened).proof;
    stage.publish(domain, txt?.value ?? well_known?.content ?? '');
    await stage.round('drain');
  },
  async campaign({ agent, campaign }, { stage, keys, codes }) {
    const made = await stage.call('POST', '/v1/referral-tokens', keyOf(agent, keys), { campaign, ttl_days: 365 });
    codes.set(agent, z.object({ code: z.string() }).parse(made).code);
  },
  async visits({ agent, count }, { stage, codes }) {
    for (let n = 0; n < count; n++) await stage.call('GET', `/r/${codes.get(agent)}`, null);
  },
  async record({ agent, prospects }, { stage, keys, codes, referrals }) {
    const code = codes.get(agent);
    const from = code === undefined ? {} : { attribution: { referral_code: code } };
    const made = await stage.call('POST', '/v1/referrals/batch', keyOf(agent, keys), {
      referrals: prospects.map((prospect) => ({ prospect, ...from })),
    });
    const { data } = recordedAnswer.parse(made);
    for (const [n, { domain }] of prospects.entries()) referrals.set(nameOf({ by: agent, domain }), data[n]?.referral.id ?? '');
  },
  async provision({ agent, prospect }, { stage, keys, referrals, workspaces }) {
    const made = await stage.call('POST', '/v1/workspaces/provision', keyOf(agent, keys), { prospect, seed_rows: 3, ttl_hours: 168 });
    const { workspace, referral } = provisionedAnswer.parse(made);
    workspaces.set(nameOf({ by: agent, domain: prospect.domain }), workspace.id);
    referrals.set(nameOf({ by: agent, domain: prospect.domain }), referral.id);
  },
  async revoke_workspace(named, { stage, keys, workspaces }) {
    await stage.call('DELETE', `/v1/workspaces/${workspaces.get(nameOf(named))}`, keyOf(named.by, keys));
  },
  async convert({ conversions }, player) {
    const { script, stage, payers, customers, workspaces, office } = player;
    for (const { by, domain, name, paid, hasWorkspace } of conversions) {
      const workspace = workspaces.get(nameOf({ by, domain }));
      if (hasWorkspace) await stage.call('POST', `/v1/workspaces/${workspace}/claim`, office, { verified_domain: domain });
      if (paid) customers.set(domain, await payers.subscribe({ name, email: `finance@${domain}` }, paid.currency, 'year'));
    }
    // Paid first and told of later, so that each is judged once.
    await stage.hearStripe();
    await stage.round('drain');
    await stage.call('POST', '/v1/events', script.eventsKey, { events: conversions.flatMap((one) => reportsOf(one, player)) });
    await stage.round('drain');
  },
  async existing({ referrals: named }, { script, stage, referrals }) {
    const since = new Date(stage.now().getTime() - 90 * dayMs).toISOString();
    const events = named.map((one) => {
      const about = referrals.get(nameOf(one)) ?? '';
      return { id: `known.${about}`, type: 'customer.existing', occurred_at: since, subject: { referral_id: about } };
    });
    await stage.call('POST', '/v1/events', script.eventsKey, { events });
  },
  async hold(named, { stage, office, referrals }) {
    const body = { kind: 'risk', reason: 'unusual_volume' };
    await stage.call('POST', `/v1/referrals/${referrals.get(nameOf(named))}/holds`, office, body);
  },
  async dispute({ by, domain, claim }, { stage, keys, referrals, disputes }) {
    const name = nameOf({ by, domain });
    const opened = await stage.call('POST', '/v1/disputes', keyOf(by, keys), { referral_id: referrals.get(name), claim });
    disputes.set(name, withId.parse(opened).id);
  },
  async end_dispute({ by, domain, end }, { stage, keys, script, disputes }) {
    const path = `/v1/disputes/${disputes.get(nameOf({ by, domain }))}`;
    if (end === 'withdrawn') await stage.call('POST', `${path}/withdraw`, keyOf(by, keys), {});
    else {
      const reason = end === 'upheld' ? 'first_contact_shown' : 'evidence_insufficient';
      await stage.call('POST', `${path}/decide`, script.eventsKey, { outcome: end, reason });
    }
  },
  async refund({ domain, percent }, { stage, payers, customers }) {
    await payers.refund(customers.get(domain) ?? '', percent);
    await stage.hearStripe();
    await stage.round('drain');
  },
  async pay(_, { stage, script }) {
    const listed = await stage.call('GET', '/v1/rewards?status=fulfilling&limit=100', script.eventsKey);
    for (const { id, kind } of rewardsAnswer.parse(listed).data) {
      if (kind !== 'external') continue;
      const reference = `bank-${stage.now().toISOString().slice(0, 10)}`;
      await stage.call('POST', `/v1/rewards/${id}/confirm`, script.eventsKey, { reference });
    }
  },
  async person({ person: { email, name, role, domains } }, { stage, office, organizationIds }) {
    const organization_ids = domains.flatMap((domain) => organizationIds.get(domain) ?? []);
    await stage.call('POST', '/v1/people', office, { email, name, role, ...(organization_ids.length > 0 ? { organization_ids } : {}) });
  },
  async application({ application: { email, organization, domain } }, { stage }) {
    const note = 'We advise finance and operations teams on their tools, and would like to name you where it fits.';
    await stage.call('POST', '/v1/partner-applications', null, { email, organization_name: organization, domain, note });
  },
  async answer({ email, approve }, { stage, office }) {
    const listed = await stage.call('GET', '/v1/partner-applications?state=open', office);
    const found = applicationsAnswer.parse(listed).data.find((one) => one.email === email);
    invariant(found !== undefined, 'who applied waits for an answer');
    await stage.call('POST', `/v1/partner-applications/${found.id}/decide`, office, { approve });
  },
  async endpoint({ url, types, agent }, { stage, script, keys, endpoints }) {
    const key = agent === null ? script.eventsKey : keyOf(agent, keys);
    endpoints.set(url, { id: withId.parse(await stage.call('POST', '/v1/webhook-endpoints', key, { url, types })).id, key });
  },
  async endpoint_off({ url }, { stage, endpoints }) {
    const known = endpoints.get(url);
    invariant(known !== undefined, 'what is turned off was there');
    await stage.call('PATCH', `/v1/webhook-endpoints/${known.id}`, known.key, { enabled: false });
  },
  async rounds({ names }, { stage }) {
    await stage.hearStripe();
    for (const name of names) await stage.round(name);
  },
};

async function perform<K extends ActKind>(act: ActOf<K>, player: Player): Promise<void> {
  const performer: (act: ActOf<K>, player: Player) => Promise<void> = performers[act.kind];
  await performer(act, player);
}

/** A key that proves the domain and nothing else, and is over within the hour. */
async function verifyWithKey(organization: { readonly domain: string; readonly name: string }, wanted: ProofWanted, stage: Stage) {
  const agentName = castAgents.find(({ domain }) => domain === organization.domain)?.name;
  invariant(agentName !== undefined, 'whoever proves a domain has an agent');
  const expiresAt = new Date(stage.now().getTime() + 60 * minuteMs);
  const { key } = await stage.makeKey({ organization, agentName, scopes: ['organizations:verify'], expiresAt });
  return stage.call('POST', '/v1/organizations/verify', key, wanted);
}

/** What the vendor's back end tells of a customer: that it is here, whose bill it pays, and that its sandbox is its own. */
function reportsOf(one: Conversion, { stage, referrals, customers }: Player): object[] {
  const occurred_at = new Date(stage.now().getTime() - 20 * minuteMs).toISOString();
  // Ids of reports say nothing of whom they are about.
  const about = referrals.get(nameOf(one)) ?? '';
  const subject = { referral_id: about };
  const customer = customers.get(one.domain);
  if (one.paid === null || customer === undefined) return [{ id: `signup.${about}`, type: 'signup.completed', occurred_at, subject }];
  const linked = { id: `customer.${about}`, type: 'customer.linked', occurred_at, subject: { ...subject, stripe_customer: customer } };
  return one.hasWorkspace ? [linked] : [linked, { id: `claimed.${about}`, type: 'workspace.claimed', occurred_at, subject }];
}

const nameOf = ({ by, domain }: Named): string => `${by} ${domain}`;

function keyOf(agent: string, keys: ReadonlyMap<string, string>): string {
  const key = keys.get(agent);
  invariant(key !== undefined, 'an agent acts after it came');
  return key;
}

function agentNamed(name: string) {
  const found = castAgents.find((agent) => agent.name === name);
  invariant(found !== undefined, 'agents of the plan are cast');
  return found;
}

function organizationAt(domain: string) {
  const found = castOrganizations.find((organization) => organization.domain === domain);
  invariant(found !== undefined, 'organizations of the plan are cast');
  return found;
}

const isGiven = (tier: string) => tier === 'key_bound' || tier === 'domain_verified' || tier === 'attested';

const withId = z.object({ id: z.string() });
const statusAnswer = z.object({ organization: withId });
const recordedAnswer = z.object({ data: z.array(z.object({ referral: withId })) });
const proofAnswer = z.object({
  proof: z.object({ txt: z.object({ value: z.string() }).nullable(), well_known: z.object({ content: z.string() }).nullable() }),
});
const provisionedAnswer = z.object({ workspace: withId, referral: withId });
const rewardsAnswer = z.object({ data: z.array(z.object({ id: z.string(), kind: z.string() })) });
const applicationsAnswer = z.object({ data: z.array(z.object({ id: z.string(), email: z.string() })) });
