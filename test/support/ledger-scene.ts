/** What every command of a ledger run acts on: a desk with its vendor, organizations, a clock in cells of a minute, and the oracle. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { type EventVendor, openEventVendor } from './event-vendor.ts';
import { type Made, type Org, type Prospect, rules } from './ledger-model.ts';
import { Oracle } from './ledger-oracle.ts';
import { sql } from './sql.ts';
import type { SendOptions, Sent, TestWorld } from './world.ts';

export interface Caller {
  readonly org: Org;
  readonly key: string;
}

export interface Token {
  readonly id: string;
  readonly code: string;
  readonly org: Org;
  readonly createdAt: number;
  revoked: boolean;
}

interface Kept {
  readonly method: string;
  readonly path: string;
  readonly options: SendOptions;
  readonly sent: Sent;
  readonly at: number;
}

/**
 * Times of different kinds lie in different parts of a minute, so that what happens within a second of it is never on the wrong side of
 * a date: the oracle knows each to the minute, the database to the millisecond.
 */
export const phases = { call: 0, drain: 10_000, release: 20_000, expire: 30_000, report: 40_000 } as const;
const minute = 60_000;

const flat = { side: 'referrer', model: 'flat', kind: 'external', currency: 'usd' };
/** Two rewards a referral, so that siblings matter, and a cap that binds. */
export const runProgram = {
  reward: {
    rules: [
      { ...flat, id: 'bounty', amount_minor: rules.bounty },
      { ...flat, id: 'bonus', amount_minor: rules.bonus },
    ],
    caps: [{ per: 'organization', period: 'month', amount_minor: rules.capMonth, currency: 'usd' }],
  },
  max_open_declared_per_organization: rules.maxDeclared,
};

export class Scene {
  readonly oracle = new Oracle();
  readonly tokens: Token[] = [];
  readonly holds: { id: string; referral: string; cause: string }[] = [];
  readonly reports: Record<string, unknown>[] = [];
  readonly kept: Kept[] = [];
  readonly workspaces: { org: Org; endsAt: number }[] = [];
  /** What was done, the newest last. */
  readonly log: string[] = [];
  now: number;
  made = 0;
  private readonly prospectOf = new Map<string, string>();

  constructor(
    readonly t: TestWorld,
    readonly vendor: EventVendor,
    readonly callers: readonly Caller[],
    readonly random: () => number,
    private readonly fingerprint: (domain: string) => string,
  ) {
    this.now = Math.ceil(t.world.deps.now().getTime() / minute) * minute;
  }

  int(below: number): number {
    return Math.floor(this.random() * below);
  }
  chance(part: number): boolean {
    return this.random() < part;
  }
  pick<T>(from: readonly T[]): T | undefined {
    return from[this.int(from.length)];
  }
  /** One of the newest, mostly. */
  recent<T>(from: readonly T[]): T | undefined {
    return this.chance(0.2) ? this.pick(from) : this.pick(from.slice(-25));
  }
  note(what: string): void {
    this.log.push(`${new Date(this.now).toISOString()} ${what}`);
    if (this.log.length > 20) this.log.shift();
  }

  /** The next cell at least, `ms` later at least. */
  tick(phase: keyof typeof phases = 'call', ms = 0): void {
    const cell = Math.floor((this.now + ms) / minute) + 1;
    this.now = cell * minute + phases[phase];
    this.t.advance(this.now - this.t.world.deps.now().getTime());
  }

  prospect(domain: string): Prospect {
    if (!this.oracle.prospects.has(domain)) this.prospectOf.set(this.fingerprint(domain), domain);
    return this.oracle.prospect(domain);
  }

  /** A prospect of the last few, a new one, or an organization of ours. */
  someProspect(): Prospect {
    if (this.chance(0.05)) return this.prospect(this.pick(this.callers)?.org.domain ?? '');
    const known = this.chance(0.65) ? this.recent([...this.oracle.prospects.values()]) : undefined;
    return known ?? this.prospect(`prospect-${++this.made}.example`);
  }

  caller(): Caller {
    return must(this.pick(this.callers), 'there are callers');
  }

  async send(method: string, path: string, options: SendOptions): Promise<Sent> {
    const idempotencyKey = crypto.randomUUID();
    const whole = { host: this.vendor.host, idempotencyKey, ...options };
    const sent = await this.t.send(method, path, whole);
    if (method === 'POST' && sent.status < 300 && path !== '/v1/events')
      this.kept.push({ method, path, options: whole, sent, at: this.now });
    if (this.kept.length > 40) this.kept.shift();
    return sent;
  }

  post(path: string, body: unknown, key: string = this.vendor.backEnd): Promise<Sent> {
    return this.send('POST', path, { key, body });
  }

  async rows<T>(text: string, values: readonly string[] = []): Promise<readonly T[]> {
    return (await sql(this.t, text, values, this.vendor.host)) as unknown as readonly T[];
  }

  /** What the database made since `begun`; everything has to be asked for until `end`. */
  async madeNow(begun = this.now): Promise<Made & { readonly end: () => void }> {
    const since = [new Date(begun).toISOString()];
    const known = this.oracle;
    const referrals = await this.rows<{ id: string; organization: string; fingerprint: string }>(
      `select r.referral_id as id, r.organization_id as organization, encode(p.fingerprint, 'hex') as fingerprint from frontdesk.referrals r
       join frontdesk.prospects p on p.prospect_id = r.prospect_id where r.created_at >= $1::timestamptz`,
      since,
    );
    const rewards = await this.rows<{ id: string; referral: string; amount: bigint; available_at: string }>(
      `select r.reward_id as id, r.referral_id as referral, r.amount_minor as amount, s.available_at from frontdesk.rewards r
       join frontdesk.reward_states s on s.reward_id = r.reward_id where r.created_at >= $1::timestamptz order by r.reward_id`,
      since,
    );
    const credited = await this.rows<{ fingerprint: string; referral: string }>(
      `select encode(p.fingerprint, 'hex') as fingerprint, a.referral_id as referral from frontdesk.attributions a
       join frontdesk.prospects p on p.prospect_id = a.prospect_id where a.decided_at >= $1::timestamptz`,
      since,
    );
    const [newRefs, newRewards] = [
      new Map(referrals.filter(({ id }) => !known.refs.has(id)).map((row) => [row.id, row])),
      new Map(rewards.filter(({ id }) => !known.rewards.has(id)).map((row) => [row.id, row])),
    ];
    return {
      referral: (org, prospect) => {
        const found = [...newRefs.values()].find(
          ({ organization, fingerprint }) => organization === org.id && this.prospectOf.get(fingerprint) === prospect.domain,
        );
        const { id } = must(found, `a referral of ${org.domain} to ${prospect.domain} is opened`);
        newRefs.delete(id);
        return id;
      },
      winner: ({ domain }) => credited.find(({ fingerprint }) => this.prospectOf.get(fingerprint) === domain)?.referral ?? null,
      rewards: (ref) => {
        const found = [...newRewards.values()].filter(({ referral }) => referral === ref.id);
        for (const { id } of found) newRewards.delete(id);
        return found.map(({ id, amount, available_at }) => ({ id, amount: Number(amount), availableAt: Date.parse(available_at) }));
      },
      end: () => {
        must(
          newRefs.size === 0 || undefined,
          `nobody opens ${[...newRefs.values()].map(({ id, fingerprint }) => `${id} to ${this.prospectOf.get(fingerprint)}`)}`,
        );
        must(newRewards.size === 0 || undefined, `nobody earns ${[...newRewards.keys()]}`);
      },
    };
  }
}

/** The value, or the run ends here. */
export function must<T>(value: T | undefined | null | false, what: string): T {
  if (value === undefined || value === null || value === false) throw new Error(`it does not hold that ${what}`);
  return value;
}

/** The answer has this status, and this code where it is a refusal. */
export function answers(sent: Sent, status: number, code?: string): void {
  if (sent.status !== status || (code !== undefined && sent.body?.code !== code))
    throw new Error(`answered ${sent.status} instead of ${status} ${code ?? ''}: ${sent.text.slice(0, 400)}`);
}

/** A number from 0 to 1 at each call, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Opens the vendor with its six organizations, one of which cannot be paid. */
export async function openScene(t: TestWorld, seed: number): Promise<Scene> {
  const vendor = await openEventVendor(t, runProgram);
  const callers: Caller[] = [];
  for (const n of [1, 2, 3, 4, 5, 6]) {
    const [domain, verified] = [`partner-${n}.example`, n < 6];
    const key = await vendor.organization(domain, verified ? 'domain_verified' : 'key_bound');
    const [row] = await sql(t, 'select organization_id as id from frontdesk.organizations where domain = $1', [domain], vendor.host);
    callers.push({ org: { id: String(row?.id), domain, verified }, key });
  }
  const desk = must(await t.world.deps.desks.find(vendor.host), 'the desk is open');
  return new Scene(t, vendor, callers, randomOf(seed), (domain) => bytesToHex(desk.derive('prospect', domain, 1)));
}
