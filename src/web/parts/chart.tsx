import type { ReferralStatus } from '../../domain/referral-state.ts';
import { count, dayText } from '../format.ts';
import type { Locale } from '../locale.ts';
import { stateWord } from './states.tsx';

export type DayCounts = { readonly day: string } & Readonly<Record<ReferralStatus, number>>;

/** How a status is drawn, from the bottom up: a colour of six, pale where two share one. Order, titles and a table say the same. */
export const statusStyles: readonly { readonly status: ReferralStatus; readonly class: string; readonly pale?: true }[] = [
  { status: 'rewarded', class: 's2' },
  { status: 'qualified', class: 's4' },
  { status: 'pending', class: 's1' },
  { status: 'quarantined', class: 's3' },
  { status: 'disputed', class: 's3', pale: true },
  { status: 'reversed', class: 's5' },
  { status: 'rejected', class: 's6' },
  { status: 'expired', class: 's6', pale: true },
];

/** Of a column, in units of which a day has ten. */
const [dayWidth, gap, barWidth] = [10, 1, 8] as const;

interface Props {
  readonly days: readonly DayCounts[];
  readonly locale: Locale;
  readonly title: string;
  readonly description: string;
}

/**
 * A column for each day, stacked by status. The drawing is as wide as there is room and has no text in it, which would be stretched with it:
 * what stands at the axes is text of the page.
 */
export function DayColumns({ days, locale, title, description }: Props) {
  const top = roundUp(Math.max(1, ...days.map(totalOf)));
  const width = days.length * dayWidth;
  const [first, last] = [days[0], days.at(-1)];
  return (
    <figure class="chart">
      <div class="y" aria-hidden="true">
        <span>{count(top, locale)}</span>
        <span>0</span>
      </div>
      <svg
        role="img"
        aria-labelledby="chart-title chart-desc"
        viewBox={`0 0 ${width} ${top}`}
        width="100%"
        height="176"
        preserveAspectRatio="none"
      >
        <title id="chart-title">{title}</title>
        <desc id="chart-desc">{description}</desc>
        <path class="axis" vector-effect="non-scaling-stroke" d={`M0 0h${width}M0 ${top / 2}h${width}M0 ${top}h${width}`} />
        <g stroke-width="0">
          {statusStyles.map(({ status, class: name, pale }) => {
            const drawn = columnsOf(days, status, top);
            return drawn === '' ? null : <path class={name} {...(pale ? { 'fill-opacity': '0.5' } : {})} d={drawn} />;
          })}
        </g>
        <g fill="transparent">
          {days.map((day, at) =>
            totalOf(day) === 0 ? null : (
              <rect x={at * dayWidth} width={dayWidth} height={top}>
                <title>{saidOf(day, locale)}</title>
              </rect>
            ),
          )}
        </g>
      </svg>
      <div class="x" aria-hidden="true">
        <span>{first ? dayText(first.day, locale) : null}</span>
        <span>{last ? dayText(last.day, locale) : null}</span>
      </div>
    </figure>
  );
}

/** How a number went over the days, as small as a word. Whatever it says stands in text beside it. */
export function Sparkline({ values, class: name }: { values: readonly number[]; class: string }) {
  const top = Math.max(1, ...values);
  const line = values.map((value, at) => `L${at} ${top - value}`).join('');
  return (
    <svg
      class="spark"
      aria-hidden="true"
      viewBox={`0 0 ${Math.max(1, values.length - 1)} ${top}`}
      width="100%"
      height="28"
      preserveAspectRatio="none"
    >
      <path class={name} stroke-width="0" fill-opacity="0.3" d={`M0 ${top}${line}V${top}z`} />
    </svg>
  );
}

/** A share as a bar. Whatever it says stands in text beside it. */
export function ShareBar({ share, class: name }: { share: number; class: string }) {
  return (
    <svg class="share" aria-hidden="true" viewBox="0 0 1000 1" width="100%" height="10" preserveAspectRatio="none">
      <rect class={name} stroke-width="0" width={Math.round(Math.min(1, Math.max(0, share)) * 1000)} height="1" />
    </svg>
  );
}

export const totalOf = (day: DayCounts): number => statusStyles.reduce((sum, { status }) => sum + day[status], 0);

/** All columns of a status as one outline. */
function columnsOf(days: readonly DayCounts[], status: ReferralStatus, top: number): string {
  const below = statusStyles.slice(
    0,
    statusStyles.findIndex((style) => style.status === status),
  );
  return days
    .map((day, at) => {
      const high = day[status];
      if (high === 0) return '';
      const foot = top - below.reduce((sum, one) => sum + day[one.status], 0);
      return `M${at * dayWidth + gap} ${foot}v-${high}h${barWidth}v${high}z`;
    })
    .join('');
}

function saidOf(day: DayCounts, locale: Locale): string {
  const parts = statusStyles.flatMap(({ status }) =>
    day[status] === 0 ? [] : [`${stateWord(status, locale)} ${count(day[status], locale)}`],
  );
  return `${dayText(day.day, locale)}: ${count(totalOf(day), locale)} (${parts.join(', ')})`;
}

/** The next of 1, 2, 4, 5, 6, 8 and 10 times a power of ten; halves of it are whole from 2 on. */
function roundUp(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 5, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}
