import type * as z from 'zod';
import type { BalanceView } from '../../operations/balances/schemas.ts';
import { listReconciliations } from '../../operations/reconciliations/list.ts';
import type { searchRewards } from '../../operations/rewards/search.ts';
import { money } from '../format.ts';
import type { Locale } from '../locale.ts';
import { Tabs } from '../parts/tabs.tsx';
import { Money, Stranger } from '../parts/text.tsx';
import { rewardsWords } from '../words/rewards.ts';
import type { Scene } from './definition.ts';

/** The pages of rewards, as far as who looks may open them. */
export function RewardTabs({ scene }: { scene: Scene }) {
  const words = rewardsWords[scene.locale];
  const parts = [
    { href: '/ledger/rewards', text: words.list },
    { href: '/ledger/rewards/balances', text: words.balances },
    ...(scene.may(listReconciliations) ? [{ href: '/ledger/rewards/reconciliation', text: words.reconciliation }] : []),
  ];
  return <Tabs label={words.parts} here={scene.url.pathname} parts={parts} />;
}

/** Balances side by side, one tile for each currency: nothing is added up across them. */
export function BalanceTiles({ balances, locale }: { balances: readonly BalanceView[]; locale: Locale }) {
  const words = rewardsWords[locale];
  return (
    <div class="balances">
      {balances.map((balance) => (
        <section class="tile" aria-label={balance.currency.toUpperCase()}>
          <p class="label">
            {balance.currency.toUpperCase()} · {words.available}
          </p>
          <p class="value">{money({ amount_minor: balance.available_minor, currency: balance.currency }, locale)}</p>
          <dl>
            {accounts(balance, locale).map(([word, amount_minor]) => (
              <>
                <dt>{word}</dt>
                <dd class="num">
                  <Money amount={{ amount_minor, currency: balance.currency }} locale={locale} />
                </dd>
              </>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** What stands beside what is available. */
function accounts(balance: BalanceView, locale: Locale): readonly (readonly [word: string, amountMinor: number])[] {
  const words = rewardsWords[locale];
  return [
    [words.escrow, balance.escrow_minor],
    [words.sending, balance.sending_minor],
    [words.applied, balance.applied_minor],
    [words.paid, balance.paid_out_minor],
    [words.owed, balance.owed_minor],
  ];
}

export type FoundReward = z.output<typeof searchRewards.output>['data'][number];

/** An amount, or what is promised in its place; and what of it was taken back. */
export function Worth({ reward, locale }: { reward: FoundReward; locale: Locale }) {
  const words = rewardsWords[locale];
  const { amount, promise, reversed_minor, netted_minor } = reward;
  const part = (amount_minor: number) => (amount === null ? '' : money({ amount_minor, currency: amount.currency }, locale));
  const notes = [
    reversed_minor > 0 && amount && reversed_minor < amount.amount_minor ? words.takenBack(part(reversed_minor)) : null,
    netted_minor > 0 && amount ? words.netted(part(netted_minor)) : null,
  ].filter((note) => note !== null);
  return (
    <>
      {promise === null ? <Money amount={amount} locale={locale} /> : promiseText(promise, locale)}
      {notes.length === 0 ? null : <span class="soft small"> {notes.join(', ')}</span>}
    </>
  );
}

function promiseText(promise: NonNullable<FoundReward['promise']>, locale: Locale): string {
  const words = rewardsWords[locale];
  switch (promise.what) {
    case 'discount': {
      const format = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 });
      return words.discount(format.format(promise.percent_bps / 10_000), promise.months);
    }
    case 'credits':
      return words.credits(money(promise.value, locale));
    case 'unlock':
      return words.unlock(promise.feature_id, promise.days);
  }
}

/** Whose something is: its domain, else what it calls itself. */
export function Organization({ id, domain, name }: { id: string; domain: string | null; name: string }) {
  return (
    <a href={`/ledger/organizations/${id}`}>
      <Stranger>{domain ?? name}</Stranger>
    </a>
  );
}

/** A word for something, or what it is called itself where there is none. */
export function wordOf(words: object, name: string): string {
  const word: unknown = Object.entries(words).find(([key]) => key === name)?.[1];
  return typeof word === 'string' ? word : name.replaceAll('_', ' ');
}
