import type { ReferralFile } from '../../operations/referrals/get-file.ts';
import { money } from '../format.ts';
import { State } from '../parts/states.tsx';
import { Id, Instant, Money } from '../parts/text.tsx';
import { referralWords } from '../words/referral.ts';
import { rewardsWords } from '../words/rewards.ts';
import type { Scene } from './definition.ts';
import { doingsOf } from './referral-doings.tsx';

type Reward = NonNullable<ReferralFile['rewards']>[number];

/** What a referral has earned: how much, where it stands and why, and what the payment is called where it was paid. */
export function Rewards({ rewards, file, scene }: { rewards: readonly Reward[]; file: ReferralFile; scene: Scene }) {
  const words = referralWords[scene.locale];
  return (
    <section class="panel">
      <h2>{words.rewards}</h2>
      {rewards.length === 0 ? <p class="soft">{words.noRewards}</p> : null}
      <div class="stack">
        {rewards.map((reward) => (
          <One reward={reward} file={file} scene={scene} />
        ))}
      </div>
    </section>
  );
}

function One({ reward, file, scene }: { reward: Reward; file: ReferralFile; scene: Scene }) {
  const { locale } = scene;
  const [words, rewardWords] = [referralWords[locale], rewardsWords[locale]];
  const { amount, held_reason, reversed_minor, netted_minor } = reward;
  const doings = doingsOf(file, scene).filter(({ of }) => of === reward.id);
  const part = (amount_minor: number) => (amount === null ? '' : money({ amount_minor, currency: amount.currency }, locale));
  const notes = [
    held_reason === null ? null : `${words.because} ${wordIn(rewardWords.reasons, held_reason)}`,
    reversed_minor > 0 ? rewardWords.takenBack(part(reversed_minor)) : null,
    netted_minor > 0 ? rewardWords.netted(part(netted_minor)) : null,
    reward.beneficiary === 'referee' ? rewardWords.prospectSide : null,
  ].filter((note) => note !== null);
  return (
    <div>
      <p class="row">
        <strong>
          <Money amount={amount} locale={locale} />
        </strong>
        {wordIn(rewardWords.kinds, reward.kind)}
        <State state={reward.status} locale={locale} />
        <Id id={reward.id} />
      </p>
      {notes.length === 0 ? null : <p>{notes.join(' · ')}</p>}
      {reward.status === 'held' ? (
        <p class="soft small">
          {words.heldUntil} <Instant at={reward.available_at} locale={locale} />
        </p>
      ) : null}
      {reward.attempts.map((attempt) => (
        <p class="soft small row">
          <Instant at={attempt.settled_at ?? attempt.sent_at} locale={locale} />
          <State state={attemptStates[attempt.status]} locale={locale} />
          <Reference reference={attempt.reference} reward={reward} scene={scene} />
        </p>
      ))}
      {doings.length === 0 ? null : (
        <p class="row small no-print">
          {doings.map(({ what, href }) => (
            <a href={href}>{words.actions[what]}</a>
          ))}
        </p>
      )}
    </div>
  );
}

const attemptStates = { sent: 'sending', confirmed: 'fulfilled', failed: 'failed' } as const;

/** What the payment is called where it was made: a way to it, where that is Stripe's own dashboard and the reader sees the whole name. */
function Reference({ reference, reward: { kind }, scene }: { reference: string | null; reward: Reward; scene: Scene }) {
  const { desk, locale } = scene;
  const words = referralWords[locale];
  if (reference === null) return null;
  if (kind === 'external') {
    return (
      <span>
        {words.paidAs} <code>{reference}</code>
      </span>
    );
  }
  const isWhole = reference.includes('_');
  const text = <code>{isWhole ? reference : `…${reference}`}</code>;
  // What stands in for Stripe has no dashboard.
  if (!isWhole || desk.stripe === null || desk.environment === 'dev') return <span>{[words.atStripe, ' ', text]}</span>;
  return (
    <span>
      {words.atStripe}{' '}
      <a href={dashboardUrl(reference, desk.stripe.livemode)} rel="noreferrer">
        {text}
      </a>
    </span>
  );
}

/** https://docs.stripe.com/dashboard/basics: objects have pages of their own, everything is found by its id. */
function dashboardUrl(id: string, livemode: boolean): string {
  const origin = `https://dashboard.stripe.com/${livemode ? '' : 'test/'}`;
  return id.startsWith('tr_') ? `${origin}connect/transfers/${encodeURIComponent(id)}` : `${origin}search?query=${encodeURIComponent(id)}`;
}

const wordIn = (words: Readonly<Record<string, string>>, name: string): string =>
  (Object.hasOwn(words, name) ? words[name] : undefined) ?? name.replaceAll('_', ' ');
