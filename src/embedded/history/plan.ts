import type { Act, ActOf, Conversion, RoundName } from './acts.ts';
import { castAgents, castApplications, castOrganizations, castPeople, farm } from './cast.ts';
import { type Dice, dice } from './dice.ts';
import { days, eras } from './eras.ts';
import { type Planned, plannedReferrals, range, type WeekdayOf } from './fates.ts';
import { companies, farmed } from './names.ts';
import { rivalActs } from './rivals.ts';

/** What the demo's history follows from. */
export const historySeed = 20_260_301;

/** The day of the farm's burst. */
const burst = 108;

/**
 * Everything that happens in the demo's history, in order. The same seed and weekday give the same plan: who does what on which day before
 * today, and how many of it end how.
 * @param lastWeekday of today, 0 is Sunday
 */
export function planHistory(seed: number, lastWeekday: number): readonly Act[] {
  const throws = dice(seed);
  const company = companies(throws);
  const weekdayOf: WeekdayOf = (day) => (((lastWeekday - (days - 1 - day)) % 7) + 7) % 7;
  const rivals = rivalActs(company);
  const planned = plannedReferrals(throws, company, weekdayOf);
  const sandboxed = withSandbox(planned);
  const told = rivals.flatMap((act) => (act.kind === 'convert' ? [act] : []));
  const acts = [
    ...beginnings(),
    ...rivals.filter(({ kind }) => kind !== 'convert'),
    ...recorded(planned, sandboxed, throws),
    ...turned(planned, sandboxed, told),
    ...refunds(planned),
    ...farmActs(),
    ...visits(throws),
    ...range(0, days - 1).flatMap(rounds),
  ];
  // By time; what is planned for the same minute happens in the order in which it was planned.
  return acts.toSorted((a, b) => a.day - b.day || a.minute - b.minute);
}

/** What the vendor's people do once: programs, agents, members, endpoints. */
function beginnings(): Act[] {
  const ours = 'https://hooks.ledgerbridge.example/frontdesk';
  const theirs = 'https://crm.brightpath.example/hooks/frontdesk';
  return [
    ...(['share', 'current'] as const).map((era): Act => ({ kind: 'program', day: eras[era], minute: 481, era })),
    ...castAgents.map(({ name, joins }): Act => ({ kind: 'agent', day: joins, minute: 490, agent: name })),
    ...castAgents.flatMap(({ name, joins, campaign }): Act[] =>
      campaign === undefined ? [] : [{ kind: 'campaign', day: joins, minute: 495, agent: name, campaign }],
    ),
    ...castOrganizations.flatMap(({ domain, customer }): Act[] =>
      customer === null ? [] : [{ kind: 'customer', day: customer.day, minute: 500, domain }],
    ),
    ...castOrganizations.flatMap(({ domain, proof }): Act[] =>
      proof === null ? [] : [{ kind: 'prove', day: proof.day, minute: 491, domain }],
    ),
    ...castPeople.map((person): Act => ({ kind: 'person', day: person.day, minute: 505, person })),
    ...castApplications.flatMap((application): Act[] => {
      const { day, email, answer } = application;
      const applied: Act = { kind: 'application', day, minute: 560, application };
      return answer === null ? [applied] : [applied, { kind: 'answer', day: answer.day, minute: 600, email, approve: answer.approve }];
    }),
    {
      ...{ kind: 'endpoint', day: 3, minute: 520, url: ours, agent: null },
      types: ['dispute.opened', 'dispute.resolved', 'referral.reversed'],
    },
    { kind: 'endpoint', day: 36, minute: 521, url: theirs, types: ['dispute.opened'], agent: 'brightpath-sdr' },
    { kind: 'endpoint_off', day: 90, minute: 522, url: theirs },
    { kind: 'endpoint_off', day: days - 1, minute: 1439, url: ours },
    {
      ...{ kind: 'endpoint', day: 20, minute: 523, url: 'https://status.ledgerbridge.example/incidents', agent: null },
      types: ['audit.failed', 'webhook.disabled'],
    },
    ...[10, 17, 24, 31, 38, 45, 52].map((day): Act => ({ kind: 'pay', day, minute: 1020 })),
  ];
}

/** Which referrals begin with a sandbox, and what becomes of it. */
function withSandbox(planned: readonly Planned[]): ReadonlyMap<Planned, 'claimed' | 'left' | 'revoked'> {
  const some = (fits: (one: Planned) => boolean, count: number) => planned.filter(fits).slice(0, count);
  // A sandbox lives for a week, and is claimed before it ends.
  const soon = ({ fate, day, turns }: Planned) => fate === 'pays' && turns !== null && turns <= day + 6;
  const waiting = ({ fate, day }: Planned) => fate === 'waits' && day < days - 12;
  const left = planned.filter(waiting);
  return new Map([
    ...some((one) => soon(one) && one.day < eras.current, 5).map((one) => [one, 'claimed'] as const),
    ...some((one) => soon(one) && one.day >= eras.current, 7).map((one) => [one, 'claimed'] as const),
    ...range(0, 13)
      .flatMap((n) => left[n * 9] ?? [])
      .map((one) => [one, 'left'] as const),
    ...range(0, 3)
      .flatMap((n) => left[n * 20 + 4] ?? [])
      .map((one) => [one, 'revoked'] as const),
    ...some(({ fate, day }) => fate === 'waits' && day >= days - 4, 6).map((one) => [one, 'left'] as const),
  ]);
}

/** Referrals of one agent and day are sent together. */
function recorded(planned: readonly Planned[], sandboxed: ReturnType<typeof withSandbox>, throws: Dice): Act[] {
  const provisioned = [...sandboxed].flatMap(([{ agent, company, day }, end]): Act[] => {
    const minute = throws.between(540, 800);
    const opened: Act = { kind: 'provision', day, minute, agent: agent.name, prospect: company };
    if (end !== 'revoked') return [opened];
    return [opened, { kind: 'revoke_workspace', day: day + 1, minute, by: agent.name, domain: company.domain }];
  });
  const sent = range(0, days - 1).flatMap((day) =>
    castAgents.flatMap(({ name }): Act[] => {
      const batch = planned.filter((one) => one.day === day && one.agent.name === name && !sandboxed.has(one));
      const prospects = batch.map(({ company }) => company);
      return batch.length === 0 ? [] : [{ kind: 'record', day, minute: throws.between(510, 850), agent: name, prospects }];
    }),
  );
  return [...provisioned, ...sent];
}

/** What the vendor's back end tells, once a day. */
function turned(planned: readonly Planned[], sandboxed: ReturnType<typeof withSandbox>, told: readonly ActOf<'convert'>[]): Act[] {
  const named = ({ agent, company }: Planned) => ({ by: agent.name, domain: company.domain });
  const of = (day: number, ...fates: readonly Planned['fate'][]) => planned.filter((one) => one.turns === day && fates.includes(one.fate));
  return range(0, days - 1).flatMap((day): Act[] => {
    const paying = of(day, 'pays', 'signs_up').map(
      (one): Conversion => ({
        ...{ ...named(one), name: one.company.name, paid: one.fate === 'pays' ? { currency: one.currency } : null },
        hasWorkspace: sandboxed.get(one) === 'claimed',
      }),
    );
    const conversions = [...paying, ...told.filter((one) => one.day === day).flatMap((one) => one.conversions)];
    const known = of(day, 'existing').map(named);
    return [
      ...(conversions.length > 0 ? [{ kind: 'convert' as const, day, minute: 901, conversions }] : []),
      ...(known.length > 0 ? [{ kind: 'existing' as const, day, minute: 931, referrals: known }] : []),
    ];
  });
}

/** Two whole payments and a half go back. Acme Ops is left out: what it owes would change the story that `npm run demo` tells. */
function refunds(planned: readonly Planned[]): Act[] {
  const paid = planned.filter(({ fate, agent }) => fate === 'pays' && agent.domain !== 'acme-ops.example');
  const oldest = (fits: (one: Planned) => boolean) => paid.filter(fits).toSorted((a, b) => (a.turns ?? 0) - (b.turns ?? 0));
  const [half, whole] = oldest(({ currency }) => currency === 'eur');
  const [late] = oldest(({ day }) => day >= eras.current + 10);
  const [yen] = oldest(({ currency }) => currency === 'jpy');
  const back = (one: Planned | undefined, after: number, percent: 50 | 100): Act[] =>
    one?.turns == null ? [] : [{ kind: 'refund', day: one.turns + after, minute: 700, domain: one.company.domain, percent }];
  return [...back(half, 40, 50), ...back(whole, 9, 100), ...back(yen, 6, 50), ...back(late, 5, 100)];
}

/** Two dozen sign-ups within minutes, of which eighteen are held on the next day. */
function farmActs(): Act[] {
  const prospects = range(411, 434).map(farmed);
  const send = (from: number, minute: number): Act => ({
    ...{ kind: 'record', day: burst, minute, agent: farm },
    prospects: prospects.slice(from, from + 8),
  });
  const held = prospects.slice(0, 18).map(({ domain }): Act => ({ kind: 'hold', day: burst + 1, minute: 587, by: farm, domain }));
  return [send(0, 122), send(8, 124), send(16, 127), ...held];
}

function visits(throws: Dice): Act[] {
  return castAgents.flatMap(({ name, joins, campaign }): Act[] =>
    campaign === undefined
      ? []
      : range(0, 5).map(() => ({
          ...{ kind: 'visits', day: throws.between(joins + 1, days - 1), minute: throws.between(480, 1200), agent: name },
          count: throws.between(1, 4),
        })),
  );
}

/** What schedules do: every other day what is due, sealing and releasing every few days, a comparison with Stripe every week or so. */
function rounds(day: number): Act[] {
  const isLast = day === days - 1;
  if (day % 2 === 0 && !isLast) return [];
  const names: RoundName[] = [
    ...(day % 4 === 3 || isLast ? (['expire'] as const) : []),
    ...(day % 4 === 1 || isLast ? (['qualify'] as const) : []),
    'drain',
    ...(day % 4 === 3 || isLast ? (['seal', 'drain'] as const) : []),
    ...(day % 8 === 5 && day > eras.share ? (['reconcile'] as const) : []),
  ];
  return [{ kind: 'rounds', day, minute: 1080 + ((day * 37) % 120), names }];
}
