import type { ReferralFile } from '../../operations/referrals/get-file.ts';
import { State } from '../parts/states.tsx';
import { Id, Instant, Money, type Tone } from '../parts/text.tsx';
import { happeningWord } from '../words/happenings.ts';
import { referralWords } from '../words/referral.ts';
import type { Scene } from './definition.ts';

type Entry = NonNullable<ReferralFile['timeline']>[number];

/** What the ledger says of a referral, oldest first: what, from which state to which, who, when, why, and where it is sealed. */
export function Timeline({ entries, scene: { locale } }: { entries: readonly Entry[]; scene: Scene }) {
  const words = referralWords[locale];
  return (
    <section class="panel">
      <h2>{words.timeline}</h2>
      {entries.length >= longest ? <p class="soft small">{words.newest}</p> : null}
      <ol class="timeline">
        {entries.map((entry) => (
          <li class={`tone ${toneOf(entry.kind)}`}>
            <Event entry={entry} locale={locale} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** As many as the operation gives. */
const longest = 100;

function Event({ entry, locale }: { entry: Entry; locale: Scene['locale'] }) {
  const words = referralWords[locale];
  const { kind, at, actor, from, to, reason, amount, block, subject_id } = entry;
  return (
    <>
      <p class="row">
        <strong>{happeningWord('kinds', kind, locale)}</strong>
        {amount === null ? null : <Money amount={amount} locale={locale} />}
        {from === null || to === null ? null : (
          <span class="row">
            <State state={from} locale={locale} /> → <State state={to} locale={locale} />
          </span>
        )}
        {/^(?:rwd|dsp)_/.test(subject_id) ? <Id id={subject_id} /> : null}
      </p>
      {reason === null ? null : <p>{kind === 'reward.accrued' ? <code>{reason}</code> : happeningWord('reasons', reason, locale)}</p>}
      <p class="soft small">
        <Instant at={at} locale={locale} /> · {happeningWord('actors', actor.kind, locale)}{' '}
        {actor.id === null ? null : <Id id={actor.id} />}
        {' · '}
        {block === null ? words.notSealed : words.inBlock(block)}
      </p>
    </>
  );
}

function toneOf(kind: string): Tone {
  if (/\.(?:rewarded|qualified|fulfilled|released|restored)$/.test(kind)) return 'good';
  if (/\.(?:reversed|rejected|failed)$/.test(kind)) return 'bad';
  if (/\.(?:quarantined|disputed)$|^(?:hold|dispute)\./.test(kind)) return 'warn';
  return kind.startsWith('reward.') ? 'note' : 'quiet';
}
