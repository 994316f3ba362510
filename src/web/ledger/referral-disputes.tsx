import type * as z from 'zod';
import type { getDispute } from '../../operations/disputes/get.ts';
import type { ReferralFile } from '../../operations/referrals/get-file.ts';
import type { Locale } from '../locale.ts';
import { State } from '../parts/states.tsx';
import { Id, Instant, Stranger } from '../parts/text.tsx';
import { causeWord, happeningWord } from '../words/happenings.ts';
import { referralWords } from '../words/referral.ts';
import type { Scene } from './definition.ts';
import { doingsOf } from './referral-doings.tsx';

type Dispute = z.output<typeof getDispute.output>;

/** Claims to the prospect: one's own with what was handed in, those of others as far as one may know of them. */
export function Disputes({ file, scene }: { file: ReferralFile; scene: Scene }) {
  const { locale } = scene;
  const words = referralWords[locale];
  const known = file.disputes.map(({ id }) => id);
  const contested = file.contested_by.filter(({ dispute_id }) => !known.includes(dispute_id));
  return (
    <section class="panel">
      <h2>{words.disputes}</h2>
      {known.length + contested.length === 0 ? <p class="soft">{words.noDisputes}</p> : null}
      <div class="stack">
        {file.disputes.map((dispute) => (
          <div>
            <p class="row">
              <Id id={dispute.id} href={`/ledger/review/${dispute.id}`} />
              <State state={dispute.status} locale={locale} />
              {dispute.reason === null ? null : happeningWord('reasons', dispute.reason, locale)}
            </p>
            {dispute.status === 'open' ? (
              <p class="soft small">
                {words.decideBy} <Instant at={dispute.decide_by} locale={locale} />
              </p>
            ) : null}
            <Thread dispute={dispute} locale={locale} />
            <Doables of={dispute.id} file={file} scene={scene} />
          </div>
        ))}
        {contested.map(({ dispute_id, open }) => (
          <div>
            <p class={open ? 'said tone warn' : 'soft'}>{open ? words.contested : words.contestedOver}</p>
            <p class="row">
              <Id id={dispute_id} />
              {open ? <State state="open" locale={locale} /> : null}
            </p>
            <Doables of={dispute_id} file={file} scene={scene} />
          </div>
        ))}
      </div>
    </section>
  );
}

/** What was handed in, oldest first: by whom, when, and in whose words. */
export function Thread({ dispute, locale, by }: { dispute: Dispute; locale: Locale; by?: 'claimant' | 'holder' | 'staff' }) {
  const words = referralWords[locale];
  return (
    <ul class="timeline">
      {dispute.evidence
        .filter((piece) => by === undefined || piece.by === by)
        .map((piece) => {
          const text = dispute.untrusted.evidence.find(({ evidence_id }) => evidence_id === piece.id);
          return (
            <li>
              <p class="soft small">
                {words.by[piece.by]} · <Instant at={piece.added_at} locale={locale} />
              </p>
              {text === undefined ? (
                <p class="soft">{words.erased}</p>
              ) : (
                <p>
                  <Stranger>{text.claim}</Stranger>
                </p>
              )}
              {text === undefined || text.evidence_url === null ? null : (
                // Shown, not linked: nobody has looked where it leads.
                <p>
                  <code>
                    <Stranger>{text.evidence_url}</Stranger>
                  </code>
                </p>
              )}
            </li>
          );
        })}
    </ul>
  );
}

/** What holds a referral, for whoever reviews. */
export function Holds({ file, scene }: { file: ReferralFile; scene: Scene }) {
  const { locale } = scene;
  const words = referralWords[locale];
  if (file.holds === null) return null;
  return (
    <section class="panel">
      <h2>{words.holds}</h2>
      {file.holds.length === 0 ? <p class="soft">{words.noHolds}</p> : null}
      {file.holds.map((hold) => (
        <div>
          <p class="row">
            <strong>{words.holdKinds[hold.kind]}</strong>
            <HoldCause cause={hold.cause} locale={locale} />
          </p>
          <p class="soft small">
            {words.since} <Instant at={hold.opened_at} locale={locale} />
          </p>
          <Doables of={hold.id} file={file} scene={scene} />
        </div>
      ))}
    </section>
  );
}

/** What a hold hangs on; a dispute can be looked up. */
function HoldCause({ cause, locale }: { cause: string; locale: Locale }) {
  return cause.startsWith('dsp_') ? <Id id={cause} href={`/ledger/review/${cause}`} /> : <span>{causeWord(cause, locale)}</span>;
}

function Doables({ of, file, scene }: { of: string; file: ReferralFile; scene: Scene }) {
  const doings = doingsOf(file, scene).filter((doing) => doing.of === of);
  if (doings.length === 0) return null;
  return (
    <p class="row small no-print">
      {doings.map(({ what, href }) => (
        <a href={href}>{referralWords[scene.locale].actions[what]}</a>
      ))}
    </p>
  );
}
