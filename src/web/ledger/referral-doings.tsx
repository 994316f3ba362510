import { owns } from '../../domain/visibility.ts';
import { addDisputeEvidence } from '../../operations/disputes/add-evidence.ts';
import { openDispute } from '../../operations/disputes/open.ts';
import { withdrawDispute } from '../../operations/disputes/withdraw.ts';
import type { Operation } from '../../operations/operation.ts';
import type { ReferralFile } from '../../operations/referrals/get-file.ts';
import { openReferralHold } from '../../operations/referrals/open-hold.ts';
import { releaseReferralHold } from '../../operations/referrals/release-hold.ts';
import { confirmReward } from '../../operations/rewards/confirm.ts';
import { reverseReward } from '../../operations/rewards/reverse.ts';
import { money } from '../format.ts';
import type { Content } from '../markup.ts';
import { ActionForm, Field } from '../parts/form.tsx';
import { PasskeyFirst } from '../parts/passkey-first.tsx';
import { Id } from '../parts/text.tsx';
import { happeningWord } from '../words/happenings.ts';
import { referralWords } from '../words/referral.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';

export type What = keyof (typeof referralWords)['en']['actions'];

/** Something that can be done with a referral, or with what belongs to it. */
interface Doable {
  readonly what: What;
  /** The hold, reward or dispute that it is done with; null: the referral. */
  readonly of: string | null;
  /** The page with its form. */
  readonly href: string;
}

const operations: Readonly<Record<What, Operation>> = {
  hold: openReferralHold,
  release: releaseReferralHold,
  reverse: reverseReward,
  confirm: confirmReward,
  evidence: addDisputeEvidence,
  withdraw: withdrawDispute,
  dispute: openDispute,
};

/** What whoever looks may do with it now. One form is open at a time, at an address of its own: so it needs no script. */
export function doingsOf(file: ReferralFile, { principal, may, url }: Scene): readonly Doable[] {
  const isMine = principal.person?.role === 'partner' && owns(principal, { organizationId: file.organization_id });
  const rewards = file.rewards ?? [];
  const own = file.disputes.filter(({ status, review }) => status === 'open' && review === null);
  const isDisputable = (file.status === 'pending' || file.status === 'rejected') && own.length === 0;
  const wanted: readonly (readonly [What, string | null])[] = [
    ['hold', null],
    ...(isMine && isDisputable && principal.organizationId === file.organization_id ? [['dispute', null] as const] : []),
    ...(file.holds ?? []).filter(({ kind }) => kind === 'risk' || kind === 'review').map(({ id }) => ['release', id] as const),
    ...rewards
      .filter(({ kind, status }) => kind === 'external' && (status === 'available' || status === 'fulfilling'))
      .map(({ id }) => ['confirm', id] as const),
    ...rewards.filter(({ status }) => status !== 'reversed' && status !== 'expired').map(({ id }) => ['reverse', id] as const),
    ...(isMine ? own.flatMap(({ id }) => [['evidence', id] as const, ['withdraw', id] as const]) : []),
    ...(isMine ? file.contested_by.filter(({ open }) => open).map(({ dispute_id }) => ['evidence', dispute_id] as const) : []),
  ];
  return wanted
    .filter(([what]) => may(operations[what]))
    .map(([what, of]) => ({ what, of, href: `${url.pathname}?act=${what}${of === null ? '' : `&of=${of}`}#act` }));
}

/** The form that was asked for, or that was refused and is shown again. */
export function Doing({ file, scene }: { file: ReferralFile; scene: Scene }) {
  const { query, typed, locale } = scene;
  const [asked, about] = [typed.get('act') ?? query('act'), typed.get('of') || (query('of') ?? null)];
  const doing = doingsOf(file, scene).find(({ what, of }) => what === asked && of === about);
  if (!doing) return null;
  const { what, of } = doing;
  const words = referralWords[locale];
  return (
    <section class="panel" id="act" aria-labelledby="act-title">
      <h2 id="act-title">{words.titles[what]}</h2>
      <p>{words.texts[what]}</p>
      <PasskeyFirst operation={operations[what]} scene={scene} />
      <ActionForm action={addressOf(doing, file)}>
        <input type="hidden" name="act" value={what} />
        <input type="hidden" name="of" value={of ?? ''} />
        {of === null ? null : (
          <p>
            {words.of} <Id id={of} />
          </p>
        )}
        <Fields doing={doing} file={file} scene={scene} />
        <p class="row">
          <button class={what === 'reverse' || what === 'withdraw' ? 'danger' : 'main'} type="submit">
            {words.titles[what]}
          </button>
          <a href={scene.url.pathname}>{words.cancel}</a>
        </p>
      </ActionForm>
    </section>
  );
}

function addressOf({ what, of }: Doable, { id }: ReferralFile): string {
  const at = `/ledger/referrals/${id}`;
  switch (what) {
    case 'hold':
      return `${at}/hold`;
    case 'dispute':
      return `${at}/dispute`;
    case 'release':
      return `${at}/holds/${of}/release`;
    case 'reverse':
    case 'confirm':
      return `${at}/rewards/${of}/${what}`;
    case 'evidence':
    case 'withdraw':
      return `${at}/disputes/${of}/${what}`;
  }
}

function Fields({ doing: { what, of }, file, scene }: { doing: Doable; file: ReferralFile; scene: Scene }): Content {
  const { locale } = scene;
  const words = referralWords[locale];
  const reasons = (names: readonly string[]) => names.map((value) => ({ value, text: happeningWord('reasons', value, locale) }));
  switch (what) {
    case 'hold': {
      const kinds = openReferralHold.input.shape.kind.options.map((value) => ({ value, text: words.kinds[value] }));
      return (
        <>
          <Field name="kind" label={words.kind} scene={scene} options={kinds} />
          <Field name="reason" label={words.reason} scene={scene} options={reasons(openReferralHold.input.shape.reason.options)} />
        </>
      );
    }
    case 'release':
      return <Field name="because" label={words.reason} scene={scene} options={reasons(releaseReferralHold.input.shape.because.options)} />;
    case 'reverse': {
      const amount = file.rewards?.find(({ id }) => id === of)?.amount ?? null;
      return (
        <>
          {amount === null ? null : (
            <>
              <input type="hidden" name="currency" value={amount.currency} />
              <Field
                name="amount_minor"
                label={words.amount(amount.currency.toUpperCase())}
                hint={`${words.amountHint} ${words.of} ${money(amount, locale)}.`}
                scene={scene}
                max={20}
              />
            </>
          )}
          <Field name="reason" label={words.reason} hint={words.reasonHint} scene={scene} required max={63} />
          <Field name="source" label={words.refund} scene={scene} max={128} />
        </>
      );
    }
    case 'confirm': {
      const outcomes = (['paid', 'failed'] as const).map((value) => ({ value, text: words.outcomes[value] }));
      return (
        <>
          <Field name="reference" label={words.reference} scene={scene} required max={128} />
          <Field name="outcome" label={words.outcome} scene={scene} options={outcomes} />
        </>
      );
    }
    case 'evidence':
    case 'dispute':
      return <ClaimFields scene={scene} />;
    case 'withdraw':
      return (
        <p>
          <label>
            <input type="checkbox" required /> {shellWords[locale].allow}
          </label>
        </p>
      );
  }
}

/** What a party says, and where evidence is. */
export function ClaimFields({ scene }: { scene: Scene }) {
  const words = referralWords[scene.locale];
  return (
    <>
      <Field name="claim" label={words.claim} scene={scene} required rows={5} max={2000} />
      <Field name="evidence_url" label={words.evidenceUrl} hint={words.evidenceUrlHint} scene={scene} type="url" max={2048} />
    </>
  );
}
