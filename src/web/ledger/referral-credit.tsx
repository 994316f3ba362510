import type { ReferralFile } from '../../operations/referrals/get-file.ts';
import { Id, Instant } from '../parts/text.tsx';
import { happeningWord } from '../words/happenings.ts';
import { referralWords } from '../words/referral.ts';
import type { Scene } from './definition.ts';

type Attribution = NonNullable<ReferralFile['attribution']>;

/** Why somebody is credited with a prospect: the trace as a list, and whole. */
export function Credit({ attribution, scene: { locale } }: { attribution: Attribution | null; scene: Scene }) {
  const words = referralWords[locale];
  if (attribution === null) return <p class="soft">{words.undecided}</p>;
  const { rule, decided_at, trace } = attribution;
  const winner = candidateIn(trace.winner);
  const losers = Array.isArray(trace.losers) ? trace.losers.map(candidateIn) : [];
  return (
    <>
      <ul>
        <li>
          <strong>{words.creditedTo(happeningWord('reasons', rule, locale))}</strong>
          <Candidate candidate={winner} locale={locale} />
        </li>
        {losers.map((loser) => (
          <li>
            {words.notCredited}: {happeningWord('reasons', loser.reason ?? '–', locale)}
            <Candidate candidate={loser} locale={locale} />
          </li>
        ))}
      </ul>
      <p class="soft small">
        {words.decided} <Instant at={decided_at} locale={locale} />
      </p>
      <details>
        <summary>{words.trace}</summary>
        <pre tabindex={0}>{JSON.stringify(trace, null, 2)}</pre>
      </details>
    </>
  );
}

interface Named {
  readonly referral: string | null;
  readonly organization: string | null;
  readonly reason: string | null;
  readonly touchedAt: string | null;
}

function Candidate({ candidate, locale }: { candidate: Named; locale: Scene['locale'] }) {
  const { referral, organization, touchedAt } = candidate;
  return (
    <div class="row small">
      {organization === null ? null : <Id id={organization} href={`/ledger/organizations/${organization}`} />}
      {referral === null ? null : <Id id={referral} href={`/ledger/referrals/${referral}`} />}
      {touchedAt === null ? null : <Instant at={touchedAt} locale={locale} />}
    </div>
  );
}

/** A trace holds ids, times and closed words; of an older form it may hold less. */
function candidateIn(value: unknown): Named {
  const fields: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  return { referral: text('referral'), organization: text('organization'), reason: text('reason'), touchedAt: text('touched_at') };
}
