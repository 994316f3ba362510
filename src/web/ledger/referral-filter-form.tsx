import { referralStatuses } from '../../domain/referral-state.ts';
import { dayText } from '../format.ts';
import { Choose } from '../parts/choose.tsx';
import { stateWord } from '../parts/states.tsx';
import { Stranger } from '../parts/text.tsx';
import { referralsWords } from '../words/referrals.ts';
import { shellWords } from '../words/shell.ts';
import type { Scene } from './definition.ts';
import { addressOf, type ReferralFilters, statusesOf } from './referral-filters.ts';
import type { FoundReferral } from './referral-list.tsx';

interface Props {
  readonly filters: ReferralFilters;
  readonly rows: readonly FoundReferral[];
  readonly scene: Scene;
}

/** The form that narrows a list of referrals, and what narrows it now, each to be taken away by itself. */
export function ReferralFilterForm({ filters, rows, scene }: Props) {
  const { locale, query } = scene;
  const words = referralsWords[locale];
  const limits = ['25', '50', '100'];
  const chips = chipsOf({ filters, rows, scene });
  return (
    <div {...inPlace}>
      <form class="filters" method="get" action={scene.url.pathname}>
        <Text name="q" label={words.find} filters={filters} max={253} />
        <Statuses filters={filters} scene={scene} />
        <Text name="from" label={words.from} filters={filters} type="date" />
        <Text name="to" label={words.to} filters={filters} type="date" />
        <details open={filters.organization_id !== undefined || filters.agent_id !== undefined || filters.campaign !== undefined}>
          <summary>{words.more}</summary>
          <div class="row">
            <Text name="organization_id" label={words.organization} filters={filters} pattern="org_[0-9a-z]{26}" hint="org_…" />
            <Text name="agent_id" label={words.agent} filters={filters} pattern="agt_[0-9a-z]{26}" hint="agt_…" />
            <Text name="campaign" label={words.campaign} filters={filters} pattern="[A-Za-z0-9][A-Za-z0-9_.\-]*" max={64} />
          </div>
        </details>
        <Choose name="limit" label={words.rows} value={query('limit') ?? '50'} options={limits.map((value) => ({ value, text: value }))} />
        {filters.sort === undefined ? null : <input type="hidden" name="sort" value={filters.sort} />}
        <button type="submit" id="apply">
          {shellWords[locale].filter}
        </button>
      </form>
      {chips.length === 0 ? null : (
        <ul class="chips" aria-label={words.chips}>
          {chips.map(({ text, href }) => (
            <li>
              <a href={href} aria-label={words.remove(text)}>
                <Stranger>{text}</Stranger>
              </a>
            </li>
          ))}
          {chips.length === 1 ? null : (
            <li>
              <a class="all" href={addressOf(scene.url.pathname, filters.sort ? { sort: filters.sort } : {}, query('limit'))}>
                {shellWords[locale].clear}
              </a>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

/** Links and forms within it change the list in place; what is no list is shown whole. */
export const inPlace = {
  ...{ 'hx-boost:inherited': 'true', 'hx-target:inherited': '#referrals', 'hx-select:inherited': '#referrals' },
  ...{ 'hx-swap:inherited': 'outerHTML', 'hx-push-url:inherited': 'true', 'hx-status:4xx:inherited': 'target:body select:main' },
} as const;

function Statuses({ filters, scene: { locale } }: { filters: ReferralFilters; scene: Scene }) {
  const words = referralsWords[locale];
  const chosen = statusesOf(filters);
  return (
    <fieldset class="pick">
      <legend>{words.status}</legend>
      <details>
        <summary>{words.statuses(chosen.length)}</summary>
        <div class="panel">
          {referralStatuses.map((status) => (
            <label>
              <input type="checkbox" name="status" value={status} checked={chosen.includes(status)} /> {stateWord(status, locale)}
            </label>
          ))}
        </div>
      </details>
    </fieldset>
  );
}

interface TextProps {
  readonly name: Exclude<keyof ReferralFilters, 'sort' | 'status'>;
  readonly label: string;
  readonly filters: ReferralFilters;
  readonly type?: 'text' | 'date';
  readonly pattern?: string;
  readonly hint?: string;
  readonly max?: number;
}

function Text({ name, label, filters, type = 'text', pattern, hint, max }: TextProps) {
  return (
    <label>
      {label}
      <br />
      <input
        id={`by-${name}`}
        {...{ name, type, pattern }}
        value={filters[name] ?? ''}
        placeholder={hint}
        maxlength={max}
        autocomplete="off"
      />
    </label>
  );
}

interface Chip {
  readonly text: string;
  readonly href: string;
}

function chipsOf({ filters, rows: [row], scene }: Props): readonly Chip[] {
  const { locale, url, query } = scene;
  const words = referralsWords[locale];
  const without = (change: Partial<Record<keyof ReferralFilters, string | undefined>>) => {
    const left = Object.entries({ ...filters, ...change }).filter(([, value]) => value !== undefined && value !== '');
    return addressOf(url.pathname, Object.fromEntries(left), query('limit'));
  };
  const chosen = statusesOf(filters);
  const named = {
    q: filters.q,
    organization_id: row?.organization_domain ?? filters.organization_id,
    agent_id: typeof row?.untrusted.agent_name === 'string' ? row.untrusted.agent_name : filters.agent_id,
    campaign: filters.campaign,
    from: filters.from && dayText(filters.from, locale),
    to: filters.to && dayText(filters.to, locale),
  };
  const labels = {
    ...{ q: words.find, organization_id: words.organization, agent_id: words.agent },
    ...{ campaign: words.campaign, from: words.from, to: words.to },
  };
  return [
    ...chosen.map((status) => ({
      text: `${words.status}: ${stateWord(status, locale)}`,
      href: without({ status: chosen.filter((one) => one !== status).join(',') }),
    })),
    ...(['q', 'organization_id', 'agent_id', 'campaign', 'from', 'to'] as const).flatMap((name) =>
      filters[name] === undefined ? [] : [{ text: `${labels[name]}: ${named[name] ?? ''}`, href: without({ [name]: undefined }) }],
    ),
  ];
}
