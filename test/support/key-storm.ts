/** Many writers at once over few idempotency keys: each key has one effect and one answer, however often it is asked. */
import { type EventVendor, openEventVendor } from './event-vendor.ts';
import { brokenInvariants, type See } from './ledger-invariants.ts';
import { randomOf, runProgram } from './ledger-scene.ts';
import type { TestWorld } from './world.ts';

export interface StormFigures {
  readonly seed: number;
  readonly calls: number;
  readonly keys: number;
  /** Answers that were kept, which is how many effects there were. */
  readonly effects: number;
  readonly replayed: number;
  readonly perSecond: number;
}

interface Intent {
  readonly path: string;
  readonly key: string;
  readonly body: object;
  readonly idempotencyKey: string;
  answer: string | null;
}

/** Rejects when a key has two answers or two effects, or an invariant is broken afterwards; the message holds the seed. */
export async function stormKeys(
  t: TestWorld,
  see: See,
  { writers, keys, calls, seed }: { readonly writers: number; readonly keys: number; readonly calls: number; readonly seed: number },
): Promise<StormFigures> {
  const vendor = await openEventVendor(t, { ...runProgram, max_open_declared_per_organization: 100_000 });
  const organizations = await Promise.all([1, 2, 3, 4].map((n) => vendor.organization(`storm-${n}.example`)));
  const intents = Array.from({ length: keys }, (_, n) => intentOf(n, organizations[n % organizations.length] ?? ''));
  const random = randomOf(seed);
  const started = performance.now();
  let [asked, replayed] = [0, 0];
  const writer = async () => {
    while (asked < calls) {
      // Every key comes at least once, the others by chance.
      const intent = intents[asked < keys ? asked : Math.floor(random() * keys)];
      asked += 1;
      if (intent && (await ask(t, vendor, intent))) replayed += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: writers }, writer));
    const perSecond = Math.round((asked * 1000) / (performance.now() - started));
    const [made] = await see<{ answers: number; referrals: number; tokens: number }>(`
      select (select count(*)::int from frontdesk.idempotency) as answers, (select count(*)::int from frontdesk.referrals) as referrals,
        (select count(*)::int from frontdesk.referral_tokens) as tokens`);
    const by = [0, 1, 2].map((kind) => intents.filter((_, n) => n % 3 === kind).length);
    const right = { answers: keys, referrals: (by[0] ?? 0) + 3 * (by[1] ?? 0), tokens: by[2] ?? 0 };
    if (JSON.stringify(made) !== JSON.stringify(right)) throw new Error(`${JSON.stringify(made)} instead of ${JSON.stringify(right)}`);
    const broken = await brokenInvariants(see);
    const bug = t.reported[0];
    if (broken.length > 0 || bug) throw new Error([...broken, String(bug)].join('\n'));
    return { seed, calls: asked, keys, effects: made?.answers ?? 0, replayed, perSecond };
  } catch (error) {
    throw new Error(`key storm, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function intentOf(n: number, key: string): Intent {
  const prospect = (part: number) => ({ prospect: { name: 'P', domain: `prospect-${n}-${part}.example` } });
  const whole = { key, idempotencyKey: `storm-${n}-${crypto.randomUUID()}`, answer: null };
  if (n % 3 === 0) return { ...whole, path: '/v1/referrals', body: prospect(0) };
  if (n % 3 === 1) return { ...whole, path: '/v1/referrals/batch', body: { referrals: [prospect(0), prospect(1), prospect(2)] } };
  return { ...whole, path: '/v1/referral-tokens', body: { campaign: `storm-${n}` } };
}

/** Whether it was answered from what was kept. Asked again while the ledger is busy, as clients do. */
async function ask(t: TestWorld, { host }: EventVendor, intent: Intent): Promise<boolean> {
  const { path, key, body, idempotencyKey } = intent;
  for (;;) {
    // Nobody's rate limit is in the way.
    t.advance(250);
    const sent = await t.send('POST', path, { host, key, body, idempotencyKey });
    if (sent.status === 503) continue;
    if (sent.status !== 201) throw new Error(`${path}: ${sent.text}`);
    if (intent.answer !== null && intent.answer !== sent.text) throw new Error(`two answers of one key: ${intent.answer} and ${sent.text}`);
    intent.answer = sent.text;
    return sent.headers.get('Idempotency-Replayed') === 'true';
  }
}
