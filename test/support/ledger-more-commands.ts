/** The rest of what a ledger run does: disputes, holds, repetitions, and what meets at the same moment. */
import type { Command } from './ledger-commands.ts';
import { type Dispute, day, type Ref, type Rew, rules } from './ledger-model.ts';
import { answers, must, type Scene } from './ledger-scene.ts';

const openDispute: Command = async (scene) => {
  const { oracle } = scene;
  const all = [...oracle.refs.values()];
  const own = scene.recent(scene.chance(0.8) ? all.filter(({ status }) => status === 'rejected') : all);
  if (!own) return 0;
  scene.tick();
  const { org, prospect } = own;
  scene.note(`dispute ${own.id} (${own.status}) to ${prospect.domain} by ${org.domain}`);
  const key = must(scene.callers.find((caller) => caller.org === org)?.key, 'a referral has an owner');
  const sent = await scene.post('/v1/disputes', { referral_id: own.id, claim: 'It was us.' }, key);
  const barred = oracle.barred(org, prospect, own);
  if (barred) answers(sent, barred === 'quota.exhausted' ? 429 : 409, barred);
  else {
    answers(sent, 201);
    const decideBy = scene.now + 14 * day;
    oracle.dispute({ id: sent.body.id, org, prospect, claim: own, touchedAt: own.createdAt, decideBy });
  }
  return 1;
};

const disputeByToken: Command = async (scene) => {
  const { oracle } = scene;
  const { org, key } = scene.caller();
  const strangers = [...oracle.prospects.values()].filter(
    ({ refs, domain }) => domain !== org.domain && refs.every((ref) => ref.org !== org),
  );
  const prospect = scene.recent(strangers);
  if (!prospect) return 0;
  scene.tick();
  scene.note(`dispute ${prospect.domain} by a token of ${org.domain}`);
  const made = await scene.post('/v1/referral-tokens', {}, key);
  answers(made, 201);
  scene.tokens.push({ id: made.body.id, code: made.body.code, org, createdAt: scene.now, revoked: false });
  const body = { referral_token: made.body.token, prospect: { name: 'P', domain: prospect.domain }, claim: 'They had our link.' };
  const sent = await scene.post('/v1/disputes', body, key);
  const barred = oracle.barred(org, prospect, null);
  if (barred) answers(sent, barred === 'quota.exhausted' ? 429 : 409, barred);
  else {
    answers(sent, 201);
    const decideBy = scene.now + 14 * day;
    oracle.dispute({ id: sent.body.id, org, prospect, claim: null, touchedAt: scene.now, decideBy });
  }
  return 2;
};

const someDispute = (scene: Scene): Dispute | undefined => {
  const all = [...scene.oracle.disputes.values()];
  return scene.recent(scene.chance(0.9) ? all.filter(({ status }) => status === 'open') : all);
};

const decideDispute: Command = async (scene) => {
  const dispute = someDispute(scene);
  if (!dispute) return 0;
  scene.tick();
  const outcome = scene.chance(0.7) ? 'upheld' : 'denied';
  scene.note(`decide ${dispute.id} of ${dispute.org.domain} about ${dispute.prospect.domain}: ${outcome}`);
  const reason = outcome === 'upheld' ? 'evidence_shown' : 'evidence_missing';
  const sent = await scene.post(`/v1/disputes/${dispute.id}/decide`, { outcome, reason });
  if (dispute.status !== 'open') {
    answers(sent, 409, 'state.forbidden');
    return 1;
  }
  answers(sent, 200);
  if (outcome === 'denied') scene.oracle.end(dispute, 'denied');
  else {
    const made = await scene.madeNow();
    scene.oracle.uphold(dispute, scene.now, made);
    made.end();
  }
  return 1;
};

const withdrawDispute: Command = async (scene) => {
  const dispute = someDispute(scene);
  if (!dispute) return 0;
  scene.tick();
  scene.note(`withdraw ${dispute.id}`);
  const key = must(scene.callers.find(({ org }) => org === dispute.org)?.key, 'a dispute has an owner');
  const sent = await scene.post(`/v1/disputes/${dispute.id}/withdraw`, {}, key);
  if (dispute.status !== 'open') answers(sent, 409, 'state.forbidden');
  else {
    answers(sent, 200);
    scene.oracle.end(dispute, 'withdrawn');
  }
  return 1;
};

const holdReasons = ['suspected_fraud', 'unusual_volume', 'manual_check'] as const;

async function openHold(scene: Scene, ref: Ref): Promise<number> {
  const [kind, reason] = [scene.chance(0.5) ? 'risk' : 'review', scene.pick(holdReasons) ?? ''];
  const cause = `${kind} ${reason}`;
  const sent = await scene.post(`/v1/referrals/${ref.id}/holds`, { kind, reason });
  if (ref.holds.has(cause)) answers(sent, 409, 'state.forbidden');
  else {
    answers(sent, 201);
    scene.holds.push({ id: sent.body.id, referral: ref.id, cause });
    ref.holds.add(cause);
  }
  return 1;
}

const someEarner = (scene: Scene): Ref | undefined => {
  const earning = [...scene.oracle.rewards.values()].filter(({ status }) => status === 'accrued' || status === 'available');
  return scene.recent(earning)?.ref ?? scene.recent([...scene.oracle.refs.values()]);
};

const hold: Command = async (scene) => {
  const ref = someEarner(scene);
  if (!ref) return 0;
  scene.tick();
  scene.note(`hold ${ref.id}`);
  return openHold(scene, ref);
};

const releaseHold: Command = async (scene) => {
  const held = scene.recent(scene.holds);
  const ref = held && scene.oracle.refs.get(held.referral);
  if (!held || !ref) return 0;
  scene.tick();
  scene.note(`release the hold ${held.cause} of ${ref.id}`);
  const sent = await scene.post(`/v1/holds/${held.id}/release`, { because: 'cleared' });
  answers(sent, 200);
  scene.holds.splice(scene.holds.indexOf(held), 1);
  ref.holds.delete(held.cause);
  return 1;
};

/** A person holds what the schedule releases at this moment: it is one or the other, and the database says which. */
const holdOrRelease: Command = async (scene) => {
  const { oracle } = scene;
  const rew = scene.recent([...oracle.rewards.values()].filter(({ status, ref }) => status === 'accrued' && ref.holds.size === 0));
  if (!rew) return 0;
  scene.tick('release', Math.max(61 * 60_000, rew.availableAt - scene.now));
  scene.note(`hold ${rew.ref.id} while it is released`);
  const wanted = { kind: 'review', reason: 'suspected_self_referral' };
  const [sent] = await Promise.all([scene.post(`/v1/referrals/${rew.ref.id}/holds`, wanted), scene.t.world.schedules.qualify?.()]);
  answers(sent, 201);
  const rows = await scene.rows<{ id: string; status: string }>(
    'select s.reward_id as id, s.status from frontdesk.reward_states s where s.referral_id = $1',
    [rew.ref.id],
  );
  const kept = new Set<Rew>(rew.ref.rewards.filter(({ id, status }) => rows.some((row) => row.id === id && row.status === status)));
  oracle.release(scene.now, kept);
  const cause = 'review suspected_self_referral';
  rew.ref.holds.add(cause);
  scene.holds.push({ id: sent.body.id, referral: rew.ref.id, cause });
  return 2;
};

/** An earlier request again, as a client does that got no answer. */
const replay: Command = async (scene) => {
  const kept = scene.pick(scene.kept.filter(({ at }) => at > scene.now - 29 * day));
  if (!kept) return 0;
  scene.tick();
  scene.note(`again ${kept.method} ${kept.path}`);
  const sent = await scene.t.send(kept.method, kept.path, kept.options);
  answers(sent, kept.sent.status);
  must(sent.headers.get('Idempotency-Replayed') === 'true', 'an answer under the same key is a replay');
  // Secrets are shown for a while only.
  const same = kept.path.endsWith('provision') ? sent.body.workspace.id === kept.sent.body.workspace.id : sent.text === kept.sent.text;
  must(same, 'the same key gets the same answer');
  return 1;
};

const mismatch: Command = async (scene) => {
  const kept = scene.pick(scene.kept.filter(({ at, path }) => at > scene.now - 29 * day && path === '/v1/referrals'));
  if (!kept) return 0;
  scene.tick();
  scene.note('another request under a used key');
  const body = { prospect: { name: 'Other', domain: 'other.example' } };
  answers(await scene.t.send(kept.method, kept.path, { ...kept.options, body }), 422, 'idempotency.mismatch');
  return 1;
};

/** One organization records one prospect three times at once, twice under the same key. */
const recordAtOnce: Command = async (scene) => {
  const { org, key } = scene.caller();
  const prospect = scene.someProspect();
  if (prospect.domain === org.domain || scene.oracle.openDeclared(org) >= rules.maxDeclared) return 0;
  scene.tick();
  scene.note(`record ${prospect.domain} by ${org.domain} three times at once`);
  const body = { prospect: { name: 'P', domain: prospect.domain } };
  const idempotencyKey = crypto.randomUUID();
  const keyed = { key, body, idempotencyKey };
  const sent = await Promise.all([
    scene.send('POST', '/v1/referrals', keyed),
    scene.send('POST', '/v1/referrals', keyed),
    scene.post('/v1/referrals', body, key),
  ]);
  const outcomes = sent.map((each) => each.body.attribution?.outcome).sort();
  const known = scene.oracle.openRef(org, prospect);
  const opened = sent.filter((each) => each.body.attribution?.outcome === 'attributed');
  must(sent[0]?.text === sent[1]?.text, 'one key, one answer');
  must(known ? opened.length === 0 : opened.length === 1 || opened.length === 2, `a referral is opened once: ${outcomes}`);
  must(new Set(sent.map((each) => each.body.referral?.id)).size === 1, 'it is the same referral');
  const ref = known ?? scene.oracle.newRef(sent[0]?.body.referral.id, org, prospect, scene.now, { at: scene.now, evidenced: false });
  scene.oracle.touched(ref, scene.now, false);
  return 3;
};

/** All organizations record one prospect at once. */
const recordByAll: Command = async (scene) => {
  const prospect = scene.prospect(`prospect-${++scene.made}.example`);
  const able = scene.callers.filter(({ org }) => scene.oracle.openDeclared(org) < rules.maxDeclared);
  scene.tick();
  scene.note(`record ${prospect.domain} by ${able.length} at once`);
  const sent = await Promise.all(
    able.map(({ key }) => scene.post('/v1/referrals', { prospect: { name: 'P', domain: prospect.domain } }, key)),
  );
  for (const [n, each] of sent.entries()) {
    answers(each, 201);
    const { org } = must(able[n], 'each was asked by somebody');
    scene.oracle.newRef(each.body.referral.id, org, prospect, scene.now, { at: scene.now, evidenced: false });
  }
  return able.length;
};

export const moreCommands: Readonly<Record<string, { readonly weight: number; readonly run: Command }>> = {
  openDispute: { weight: 5, run: openDispute },
  disputeByToken: { weight: 1, run: disputeByToken },
  decideDispute: { weight: 3, run: decideDispute },
  withdrawDispute: { weight: 1, run: withdrawDispute },
  hold: { weight: 3, run: hold },
  releaseHold: { weight: 3, run: releaseHold },
  holdOrRelease: { weight: 1, run: holdOrRelease },
  replay: { weight: 4, run: replay },
  mismatch: { weight: 1, run: mismatch },
  recordAtOnce: { weight: 2, run: recordAtOnce },
  recordByAll: { weight: 1, run: recordByAll },
};
