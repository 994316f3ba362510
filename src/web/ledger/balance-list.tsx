import type * as z from 'zod';
import type { listBalances } from '../../operations/balances/list.ts';
import type { BalanceView } from '../../operations/balances/schemas.ts';
import type { Locale } from '../locale.ts';
import { type Column, Empty, Pager, Table } from '../parts/table.tsx';
import { Money } from '../parts/text.tsx';
import { rewardsWords } from '../words/rewards.ts';
import type { Scene } from './definition.ts';
import { Totals } from './reward-list.tsx';
import { Organization, RewardTabs } from './reward-parts.tsx';

type Sheets = z.output<typeof listBalances.output>;

/** A row for each organization and currency. */
export function BalanceList({ sheets, scene }: { sheets: Sheets; scene: Scene }) {
  const { locale } = scene;
  const words = rewardsWords[locale];
  const rows = sheets.data.flatMap((sheet) => sheet.balances.map((balance): Row => ({ sheet, balance })));
  return (
    <div class="stack">
      <div class="head">
        <h1>{words.balances}</h1>
      </div>
      <RewardTabs scene={scene} />
      {sheets.totals === null && scene.query('cursor') === undefined ? <p class="soft">{words.tooMany}</p> : null}
      {sheets.totals === null || sheets.totals.length === 0 ? null : <Totals totals={sheets.totals} locale={locale} />}
      <section class="panel flush">
        {rows.length === 0 ? (
          <Empty title={words.noBalances}>{words.noBalancesText}</Empty>
        ) : (
          <Table caption={words.balances} columns={columnsFor(locale)} rows={rows} />
        )}
        <Pager next={sheets.next_cursor} scene={scene} />
      </section>
    </div>
  );
}

interface Row {
  readonly sheet: Sheets['data'][number];
  readonly balance: BalanceView;
}

type Account = Exclude<keyof BalanceView, 'currency'>;

function columnsFor(locale: Locale): readonly Column<Row>[] {
  const words = rewardsWords[locale];
  const amount = (head: string, account: Account): Column<Row> => ({
    head,
    num: true,
    cell: ({ balance }) => <Money amount={{ amount_minor: balance[account], currency: balance.currency }} locale={locale} />,
  });
  return [
    {
      head: words.organization,
      cell: ({ sheet }) => <Organization id={sheet.organization_id} domain={sheet.domain} name={sheet.untrusted.name} />,
    },
    { head: words.currency, cell: ({ balance }) => balance.currency.toUpperCase() },
    amount(words.escrow, 'escrow_minor'),
    amount(words.available, 'available_minor'),
    amount(words.sending, 'sending_minor'),
    amount(words.applied, 'applied_minor'),
    amount(words.paid, 'paid_out_minor'),
    amount(words.owed, 'owed_minor'),
  ];
}
