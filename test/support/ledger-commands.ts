/** What a ledger run does: each command acts at a door or by a schedule, and holds the answer against what the oracle says. */
import { day, type Org, type Prospect, type Rew, rules } from './ledger-model.ts';
import { answers, type Caller, must, phases, type Scene, type Token } from './ledger-scene.ts';
import type { Sent } from './world.ts';

/** Answers how many decisions it attempted; zero where there was nothing to do. */
export type Command = (scene: Scene) => Promise<number>;

/** What recording would come to. */
type Foreseen =
  | { readonly kind: 'nobody'; readonly outcome: 'own_organization' | 'self_referral' }
  | { readonly kind: 'credited'; readonly org: Org; readonly redeemed: boolean };

function foresee({ org }: Caller, prospect: Prospect, token: Token | undefined): Foreseen {
  if (token?.org.domain === prospect.domain) return { kind: 'nobody', outcome: 'self_referral' };
  if (!token && org.domain === prospect.domain) return { kind: 'nobody', outcome: 'own_organization' };
  return { kind: 'credited', org: token?.org ?? org, redeemed: token !== undefined && org.domain === prospect.domain && org.verified };
}

const asked = (prospect: Prospect, token: Token | undefined) => ({
  prospect: { name: 'P', domain: prospect.domain },
  ...(token ? { attribution: { referral_code: token.code } } : {}),
});

/** Holds one recorded item against what was foreseen, and remembers it. */
function remember(scene: Scene, prospect: Prospect, foreseen: Foreseen, answer: Sent['body']): void {
  const { oracle, now } = scene;
  const outcome = answer.attribution.outcome;
  if (foreseen.kind === 'nobody') {
    must(outcome === foreseen.outcome && answer.referral === null, `recording comes to ${foreseen.outcome}, not to ${outcome}`);
    return;
  }
  const { org, redeemed } = foreseen;
  const known = oracle.openRef(org, prospect);
  must(outcome === (known ? 'existing_referral' : 'attributed'), `a referral is opened once: ${outcome}`);
  must(answer.referral.organization_id === org.id && (!known || answer.referral.id === known.id), 'the right organization is credited');
  if (known) oracle.touched(known, now, redeemed);
  else {
    const ref = oracle.newRef(answer.referral.id, org, prospect, now, { at: now, evidenced: redeemed });
    if (redeemed) oracle.redeemed(ref, now);
  }
}

/** Declarations that are new, by organization: what its quota has to have room for. */
function fits(scene: Scene, items: readonly { prospect: Prospect; foreseen: Foreseen }[]): boolean {
  const added = new Map<Org, Set<Prospect>>();
  for (const { prospect, foreseen } of items) {
    if (foreseen.kind !== 'credited' || foreseen.redeemed || scene.oracle.openRef(foreseen.org, prospect)) continue;
    added.set(foreseen.org, (added.get(foreseen.org) ?? new Set()).add(prospect));
  }
  return [...added].every(([org, prospects]) => scene.oracle.openDeclared(org) + prospects.size <= rules.maxDeclared);
}

const liveToken = (scene: Scene): Token | undefined =>
  scene.recent(scene.tokens.filter(({ createdAt, revoked }) => !revoked && createdAt > scene.now - 89 * day));
const isDead = (scene: Scene, { createdAt, revoked }: Token): boolean => revoked || createdAt < scene.now - 91 * day;

const record =
  (withToken: boolean): Command =>
  async (scene) => {
    scene.tick();
    const [caller, prospect] = [scene.caller(), scene.someProspect()];
    const token = withToken ? liveToken(scene) : undefined;
    const foreseen = foresee(caller, prospect, token);
    scene.note(`record ${prospect.domain} by ${caller.org.domain} ${token ? `for ${token.org.domain}` : ''}`);
    const sent = await scene.post('/v1/referrals', asked(prospect, token), caller.key);
    if (!fits(scene, [{ prospect, foreseen }])) answers(sent, 429, 'quota.exhausted');
    else {
      answers(sent, sent.body.attribution?.outcome === 'attributed' ? 201 : 200);
      remember(scene, prospect, foreseen, sent.body);
    }
    return 1;
  };

const recordDeadToken: Command = async (scene) => {
  const token = scene.pick(scene.tokens.filter((each) => isDead(scene, each)));
  if (!token) return 0;
  scene.tick();
  scene.note('record with a token that is over');
  answers(await scene.post('/v1/referrals', asked(scene.someProspect(), token), scene.caller().key), 422, 'attribution.token_invalid');
  return 1;
};

const recordBatch: Command = async (scene) => {
  scene.tick();
  const caller = scene.caller();
  const items = Array.from({ length: 4 + scene.int(20) }, () => {
    const [prospect, token] = [scene.someProspect(), scene.chance(0.3) ? liveToken(scene) : undefined];
    return { prospect, token, foreseen: foresee(caller, prospect, token) };
  });
  scene.note(
    `record ${items.map(({ prospect, token }) => `${prospect.domain}${token ? ` for ${token.org.domain}` : ''}`)} by ${caller.org.domain}`,
  );
  const referrals = items.map(({ prospect, token }) => asked(prospect, token));
  const sent = await scene.post('/v1/referrals/batch', { referrals }, caller.key);
  if (!fits(scene, items)) answers(sent, 429, 'quota.exhausted');
  else {
    answers(sent, 201);
    for (const [n, { prospect, foreseen }] of items.entries()) remember(scene, prospect, foreseen, sent.body.data[n]);
  }
  return items.length;
};

const provision: Command = async (scene) => {
  scene.tick();
  const [caller, prospect] = [scene.caller(), scene.someProspect()];
  const token = scene.chance(0.3) ? liveToken(scene) : undefined;
  const foreseen = foresee(caller, prospect, token);
  scene.note(`provision ${prospect.domain} by ${caller.org.domain}`);
  const sent = await scene.post('/v1/workspaces/provision', { ...asked(prospect, token), seed_rows: 0 }, caller.key);
  const active = scene.workspaces.filter(({ org }) => org === caller.org).length;
  if (active >= 50 || !fits(scene, [{ prospect, foreseen }])) answers(sent, 429, 'quota.exhausted');
  else {
    answers(sent, 201);
    scene.workspaces.push({ org: caller.org, endsAt: scene.now + day });
    remember(scene, prospect, foreseen, sent.body);
  }
  return 1;
};

const createToken: Command = async (scene) => {
  scene.tick();
  const { org, key } = scene.caller();
  scene.note(`token of ${org.domain}`);
  const sent = await scene.post('/v1/referral-tokens', { campaign: 'run' }, key);
  answers(sent, 201);
  scene.tokens.push({ id: sent.body.id, code: sent.body.code, org, createdAt: scene.now, revoked: false });
  return 1;
};

const revokeToken: Command = async (scene) => {
  const token = liveToken(scene);
  if (!token) return 0;
  scene.tick();
  scene.note(`revoke a token of ${token.org.domain}`);
  const key = must(scene.callers.find(({ org }) => org === token.org)?.key, 'a token has an owner');
  answers(await scene.send('DELETE', `/v1/referral-tokens/${token.id}`, { key }), 200);
  token.revoked = true;
  return 1;
};

const reportTypes = ['product.activated', 'usage.reported', 'workspace.claimed', 'deal.stage_changed'] as const;

function someReport(scene: Scene) {
  const { oracle } = scene;
  const known = scene.chance(0.55) ? scene.recent([...oracle.refs.values()]) : undefined;
  const prospect = known?.prospect ?? scene.someProspect();
  const token = !known && scene.chance(0.5) ? scene.recent(scene.tokens) : undefined;
  const type = scene.chance(0.03) ? 'customer.existing' : scene.chance(0.55) ? 'signup.completed' : (scene.pick(reportTypes) ?? '');
  const late = scene.chance(0.6) ? scene.int(180) * 60_000 : scene.int(scene.chance(0.5) ? 10 : 120) * day;
  const at = Math.floor((scene.now - late) / 60_000 - 1) * 60_000 + phases.report;
  const id = `report-${++scene.made}`;
  const subject = known ? { referral_id: known.id } : { prospect_domain: prospect.domain, ...(token ? { referral_code: token.code } : {}) };
  const event: Record<string, unknown> = { id, type, occurred_at: new Date(at).toISOString(), subject, data: {} };
  return { event, prospect, report: { id, type, at, ref: known ?? null, tokenOrg: token?.org ?? null } };
}

const report: Command = async (scene) => {
  scene.tick();
  const items = Array.from({ length: 1 + scene.int(scene.chance(0.5) ? 16 : 2) }, () => someReport(scene));
  const young = scene.reports.filter(({ occurred_at }) => Date.parse(String(occurred_at)) > scene.now - 390 * day);
  const repeated = scene.chance(0.25) ? scene.recent(young) : undefined;
  const isOther = scene.chance(0.3);
  const again = repeated ? [isOther ? { ...repeated, data: { other: true } } : repeated] : [];
  scene.note(
    `report ${items.map(({ event }) => JSON.stringify([event.type, event.occurred_at, event.subject]))} ${again.length > 0 ? 'and one again' : ''}`,
  );
  const sent = await scene.post('/v1/events', { events: [...items.map(({ event }) => event), ...again] });
  answers(sent, 202);
  const outcomes = sent.body.data.map(({ outcome }: { outcome: string }) => outcome);
  const right = [...items.map(() => 'stored'), ...again.map(() => (isOther ? 'conflict' : 'duplicate'))];
  must(outcomes.join() === right.join(), `reports are ${right}, not ${outcomes}`);
  for (const item of items) {
    item.prospect.reports.push(item.report);
    scene.oracle.dirty.add(item.prospect);
    scene.reports.push(item.event);
  }
  return items.length + again.length;
};

/** Effects of commits, until none is due, by one worker or three with sealers between them. */
const drain: Command = async (scene) => {
  scene.tick('drain');
  const crowd = scene.chance(0.3);
  scene.note(`drain${crowd ? ' three at once, and seal' : ''}`);
  const round = () => scene.t.world.schedules.drain?.();
  const begun = scene.now;
  let total = 0;
  for (let left = 1; left > 0; ) {
    const rounds = crowd ? [round(), scene.t.world.schedules.seal?.(), round(), scene.t.world.schedules.seal?.(), round()] : [round()];
    const came = (await Promise.all(rounds)).map((each) => ({ done: 0, open: 0, ...each }));
    const done = came.reduce((sum, each) => sum + each.done, 0);
    // Whoever lost every race to others comes again when its lease is over.
    const open = came.reduce((sum, each) => sum + each.open, 0);
    if (open > 0) scene.tick('drain', 120_000);
    must(open < 100, 'effects come to an end');
    left = done + open;
    total += done;
  }
  const made = await scene.madeNow(begun);
  scene.oracle.judge(scene.now, made);
  made.end();
  return Math.max(1, total);
};

const seal: Command = async (scene) => {
  scene.tick();
  scene.note('seal');
  await scene.t.world.schedules.seal?.();
  return 1;
};

const clock: Command = async (scene) => {
  const span = scene.chance(0.6) ? scene.int(48) * 3_600_000 : scene.chance(0.9) ? scene.int(20) * day : scene.int(200) * day;
  scene.tick('call', span);
  scene.note('time goes on');
  return 1;
};

const release: Command = async (scene) => {
  scene.tick('release', 61 * 60_000);
  scene.note('release');
  const came = await scene.t.world.schedules.qualify?.();
  const right = scene.oracle.release(scene.now);
  const rewards = Object.entries({ ...came }).find(([name]) => name === 'rewards')?.[1];
  must(rewards === right, `${right} rewards are released or sent, not ${rewards}`);
  return Math.max(1, right);
};

const expire: Command = async (scene) => {
  scene.tick('expire', 61 * 60_000);
  scene.note('expire');
  await scene.t.world.schedules.expire?.();
  scene.oracle.expire(scene.now);
  const standing = scene.workspaces.filter(({ endsAt }) => endsAt > scene.now);
  scene.workspaces.splice(0, scene.workspaces.length, ...standing);
  return 1;
};

const someReward = (scene: Scene, states: readonly Rew['status'][]): Rew | undefined => {
  const all = [...scene.oracle.rewards.values()];
  return scene.recent(scene.chance(0.85) ? all.filter(({ status }) => states.includes(status)) : all);
};

const shown = ({ status, ref }: Rew): string => (status === 'accrued' || (status === 'available' && ref.holds.size > 0) ? 'held' : status);

function holds(rew: Rew, sent: Sent): void {
  const { status, reversed_minor, netted_minor } = sent.body;
  const is = `${status} ${reversed_minor} ${netted_minor}`;
  const right = `${shown(rew)} ${rew.reversed} ${rew.netted}`;
  must(is === right, `${rew.id} is ${right}, not ${is}`);
}

const confirm: Command = async (scene) => {
  const rew = someReward(scene, ['fulfilling', 'available']);
  if (!rew) return 0;
  scene.tick();
  const last = rew.settled.at(-1);
  const reference = last && scene.chance(0.2) ? last.reference : `bank-${++scene.made}`;
  const outcome = scene.chance(0.7) ? 'paid' : 'failed';
  const times = scene.chance(0.2) ? 2 : 1;
  scene.note(`confirm ${rew.id} ${outcome} ${reference} ${times}`);
  const said = () => scene.post(`/v1/rewards/${rew.id}/confirm`, { reference, outcome });
  const sent = await Promise.all(Array.from({ length: times }, said));
  const isTaken = scene.oracle.confirm(rew, { outcome, reference, at: scene.now });
  for (const each of sent) {
    if (!isTaken) answers(each, 409, 'state.forbidden');
    else {
      answers(each, 200);
      holds(rew, each);
    }
  }
  return times;
};

const reverse: Command = async (scene) => {
  const rew = someReward(scene, ['accrued', 'available', 'fulfilling', 'fulfilled']);
  if (!rew) return 0;
  scene.tick();
  const total = scene.chance(0.4) ? rew.accrued : 1 + scene.int(rew.accrued);
  const totals = scene.chance(0.2) ? [total, 1 + scene.int(rew.accrued)] : [total];
  scene.note(`reverse ${rew.id} up to ${totals}`);
  const sent = await Promise.all(
    totals.map((amount_minor) =>
      scene.post(`/v1/rewards/${rew.id}/reverse`, { amount_minor, reason: 'refund', source: `re-${++scene.made}` }),
    ),
  );
  for (const each of sent) answers(each, 200);
  scene.oracle.reverse(rew, Math.max(...totals));
  return totals.length;
};

const reverseTooMuch: Command = async (scene) => {
  const rew = someReward(scene, ['accrued', 'fulfilled']);
  if (!rew) return 0;
  scene.tick();
  scene.note(`reverse ${rew.id} beyond what it is`);
  const wanted = { amount_minor: rew.accrued + 1, reason: 'refund' };
  answers(await scene.post(`/v1/rewards/${rew.id}/reverse`, wanted), 400, 'request.invalid');
  return 1;
};

/** What is recorded, reported and earned; the rest is in `ledger-more-commands.ts`. Weights say how often. */
export const commands: Readonly<Record<string, { readonly weight: number; readonly run: Command }>> = {
  record: { weight: 8, run: record(false) },
  recordWithToken: { weight: 5, run: record(true) },
  recordDeadToken: { weight: 1, run: recordDeadToken },
  recordBatch: { weight: 10, run: recordBatch },
  provision: { weight: 3, run: provision },
  createToken: { weight: 2, run: createToken },
  revokeToken: { weight: 1, run: revokeToken },
  report: { weight: 16, run: report },
  drain: { weight: 11, run: drain },
  seal: { weight: 3, run: seal },
  clock: { weight: 5, run: clock },
  release: { weight: 6, run: release },
  expire: { weight: 2, run: expire },
  confirm: { weight: 14, run: confirm },
  reverse: { weight: 6, run: reverse },
  reverseTooMuch: { weight: 1, run: reverseTooMuch },
};
