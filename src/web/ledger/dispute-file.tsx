import { owns } from '../../domain/visibility.ts';
import { addDisputeEvidence } from '../../operations/disputes/add-evidence.ts';
import type { DisputeFile } from '../../operations/disputes/get-file.ts';
import { withdrawDispute } from '../../operations/disputes/withdraw.ts';
import { ActionForm } from '../parts/form.tsx';
import { State } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Id, Instant, Money, Stranger } from '../parts/text.tsx';
import { happeningWord } from '../words/happenings.ts';
import { referralWords } from '../words/referral.ts';
import { reviewWords } from '../words/review.ts';
import { rewardsWords } from '../words/rewards.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { Decision } from './dispute-decision.tsx';
import { Credit } from './referral-credit.tsx';
import { Thread } from './referral-disputes.tsx';
import { ClaimFields } from './referral-doings.tsx';
import { prospectName } from './referral-file.tsx';
import { TimeLeft } from './review-list.tsx';

/** One dispute: both cases beside one another, what a decision would move, and where it is decided. */
export function FileOfDispute({ file, scene }: { file: DisputeFile; scene: Scene }) {
  const { locale } = scene;
  const words = reviewWords[locale];
  const name = prospectName(file.prospect);
  return (
    <div class="stack">
      <div class="head">
        <h1>
          {words.dispute}
          {name === null ? null : (
            <>
              : <Stranger>{name}</Stranger>
            </>
          )}
        </h1>
        <p class="row">
          <State state={file.status} locale={locale} />
          <span class="id">{file.id}</span>
          <a class="no-print" href="/ledger/review">
            {words.toQueue}
          </a>
        </p>
      </div>
      <Facts file={file} scene={scene} />
      <div class="columns">
        <Side side={file.claimant} by="claimant" file={file} scene={scene} />
        {file.review === null ? null : file.credited === null ? (
          <section class="panel">
            <h2>{words.credited}</h2>
            <p class="soft">{words.nobody}</p>
            <Thread dispute={file} locale={locale} by="holder" />
          </section>
        ) : (
          <Side side={file.credited} by="holder" file={file} scene={scene} />
        )}
      </div>
      {file.at_stake === null || file.status !== 'open' ? null : <Stake stake={file.at_stake} scene={scene} />}
      <Decision file={file} scene={scene} />
      <Party file={file} scene={scene} />
    </div>
  );
}

function Facts({ file, scene }: { file: DisputeFile; scene: Scene }) {
  const { locale } = scene;
  const words = reviewWords[locale];
  const basis = file.review?.basis ?? null;
  return (
    <section class="panel">
      <dl>
        <dt>{words.opened}</dt>
        <dd>
          <Instant at={file.opened_at} locale={locale} />
        </dd>
        {file.status === 'open' ? (
          <>
            <dt>{words.by}</dt>
            <dd>
              <Instant at={file.decide_by} locale={locale} /> <TimeLeft until={file.decide_by} scene={scene} />
            </dd>
          </>
        ) : null}
        {file.decided_at === null ? null : (
          <>
            <dt>{words.decided}</dt>
            <dd>
              <Instant at={file.decided_at} locale={locale} />
              {file.reason === null ? '' : `: ${happeningWord('reasons', file.reason, locale)}`}
            </dd>
          </>
        )}
        {file.review === null || file.review.decided_by === null ? null : (
          <>
            <dt>{words.by_whom}</dt>
            <dd>
              <Id id={file.review.decided_by} />
            </dd>
          </>
        )}
        {typeof basis?.by === 'string' && typeof basis.id === 'string' ? (
          <>
            <dt>{words.basis}</dt>
            <dd>
              {happeningWord('reasons', basis.by, locale)} <Id id={basis.id} />
            </dd>
          </>
        ) : null}
      </dl>
      {file.review === null || file.review.trace === null ? null : (
        <details>
          <summary>{words.moved}</summary>
          <pre tabindex={0}>{JSON.stringify(file.review.trace, null, 2)}</pre>
        </details>
      )}
    </section>
  );
}

interface SideProps {
  readonly side: DisputeFile['claimant'];
  readonly by: 'claimant' | 'holder';
  readonly file: DisputeFile;
  readonly scene: Scene;
}

function Side({ side, by, file, scene }: SideProps) {
  const { locale } = scene;
  const words = reviewWords[locale];
  const { organization, referral, touches, evidence } = side;
  const facts = [...touches.map(({ via, kind, at }) => ({ what: via, kind, at })), ...evidence.map(linked)].toSorted((a, b) =>
    a.at < b.at ? -1 : 1,
  );
  return (
    <section class="panel">
      <h2>{by === 'claimant' ? words.claimant : words.credited}</h2>
      <dl>
        <dt>{words.organization}</dt>
        <dd>
          <a href={`/ledger/organizations/${organization.id}`}>
            <Stranger>{organization.untrusted.name ?? organization.domain ?? organization.id}</Stranger>
          </a>{' '}
          <span class="soft">{organization.domain}</span>
        </dd>
        <dt>{words.referral}</dt>
        <dd>
          {referral === null ? (
            words.noReferral
          ) : (
            <span class="row">
              <Id id={referral.id} href={`/ledger/referrals/${referral.id}`} /> <State state={referral.status} locale={locale} />
              <Instant at={referral.created_at} locale={locale} />
            </span>
          )}
        </dd>
        {referral === null || referral.agent_id === null ? null : (
          <>
            <dt>{words.agent}</dt>
            <dd>
              <Id id={referral.agent_id} />
            </dd>
          </>
        )}
      </dl>
      {facts.length === 0 ? null : (
        <ul>
          {facts.map(({ what, kind, at }) => (
            <li>
              {happeningWord('reasons', what, locale)}{' '}
              <span class="soft small">
                {kind === 'declared' ? referralWords[locale].declared : referralWords[locale].evidenced} ·{' '}
                <Instant at={at} locale={locale} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <h3>{words.handedIn}</h3>
      {file.evidence.some((piece) => piece.by === by) ? (
        <>
          <p class="soft small">{referralWords[locale].stranger}</p>
          <Thread dispute={file} locale={locale} by={by} />
        </>
      ) : (
        <p class="soft">{words.nothingHandedIn}</p>
      )}
      {by === 'holder' ? (
        <>
          <h3>{words.why_credited}</h3>
          <Credit attribution={file.attribution} scene={scene} />
        </>
      ) : null}
    </section>
  );
}

const linked = ({ kind, occurred_at }: DisputeFile['claimant']['evidence'][number]) => ({
  what: kind,
  kind: 'evidenced' as const,
  at: occurred_at,
});

function Stake({ stake, scene: { locale } }: { stake: NonNullable<DisputeFile['at_stake']>; scene: Scene }) {
  const words = reviewWords[locale];
  const kinds: Readonly<Record<string, string>> = rewardsWords[locale].kinds;
  return (
    <section class="panel flush">
      <h2>{words.stake}</h2>
      {stake.length === 0 ? (
        <p class="empty soft">{words.stakeNone}</p>
      ) : (
        <Table
          caption={words.stakeText}
          rows={stake}
          columns={[
            { head: words.reward, cell: ({ reward_id }) => <Id id={reward_id} /> },
            { head: words.kind, cell: ({ kind }) => kinds[kind] ?? kind },
            { head: words.status, cell: ({ status }) => <State state={status} locale={locale} /> },
            { head: words.amount, num: true, cell: ({ amount }) => <Money amount={amount} locale={locale} /> },
            { head: words.consequence, cell: ({ becomes }) => words.becomes[becomes] },
          ]}
        />
      )}
    </section>
  );
}

/** What whoever takes part may still do: say more, or take the claim back. */
function Party({ file, scene }: { file: DisputeFile; scene: Scene }) {
  const { locale, principal } = scene;
  const words = reviewWords[locale];
  if (file.status !== 'open') return null;
  const isClaimant = principal.person?.role === 'partner' && owns(principal, { organizationId: file.organization_id });
  const isSaying = scene.typed.has('claim');
  return (
    <>
      {scene.may(addDisputeEvidence) ? (
        <details class="panel no-print" open={isSaying}>
          <summary>{words.evidence}</summary>
          <ActionForm action={`/ledger/review/${file.id}/evidence`}>
            <ClaimFields scene={scene} />
            <button type="submit">{words.evidence}</button>
          </ActionForm>
        </details>
      ) : null}
      {isClaimant && scene.may(withdrawDispute) ? (
        <details class="panel no-print">
          <summary>{referralWords[locale].titles.withdraw}</summary>
          <p>{referralWords[locale].texts.withdraw}</p>
          <ActionForm action={`/ledger/review/${file.id}/withdraw`}>
            <p>
              <label>
                <input type="checkbox" required /> {shellWords[locale].allow}
              </label>
            </p>
            <button class="danger" type="submit">
              {referralWords[locale].titles.withdraw}
            </button>
          </ActionForm>
        </details>
      ) : null}
    </>
  );
}
