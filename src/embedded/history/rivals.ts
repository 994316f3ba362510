import { invariant } from '../../domain/result.ts';
import type { Act } from './acts.ts';
import { type CurrencyCode, castAgents } from './cast.ts';
import { currencyOf } from './fates.ts';
import type { Company } from './names.ts';

/** Two organizations brought the same prospect: the later touch is credited, the other one disputes it. */
interface Rivalry {
  readonly claimant: string;
  readonly winner: string;
  readonly days: { readonly claimant: number; readonly winner: number; readonly converts: number; readonly disputed: number };
  /** What ends the dispute, and when. Null: nobody has decided, or nobody does in time. */
  readonly end: { readonly day: number; readonly how: 'upheld' | 'denied' | 'withdrawn' } | null;
  readonly claim: string;
}

const rivalries: readonly Rivalry[] = [
  {
    ...{ claimant: 'procure-bot', winner: 'brightpath-advisor', days: { claimant: 44, winner: 47, converts: 50, disputed: 53 } },
    end: { day: 57, how: 'upheld' },
    claim: 'We ran the evaluation with them from the first call on; the minutes are attached.',
  },
  {
    ...{ claimant: 'brightpath-sdr', winner: 'ops-optimizer', days: { claimant: 52, winner: 55, converts: 60, disputed: 62 } },
    end: { day: 66, how: 'denied' },
    claim: 'Our sequence reached their finance lead before anybody else did.',
  },
  {
    ...{ claimant: 'northwind-it', winner: 'stack-recommender', days: { claimant: 63, winner: 66, converts: 70, disputed: 72 } },
    end: { day: 75, how: 'withdrawn' },
    claim: 'They asked us for a recommendation in a shared channel.',
  },
  {
    ...{ claimant: 'revops-scout', winner: 'procure-bot', days: { claimant: 74, winner: 77, converts: 80, disputed: 83 } },
    end: null,
    claim: 'The sandbox that they tested was opened by us.',
  },
  {
    ...{ claimant: 'procure-bot', winner: 'brightpath-advisor', days: { claimant: 101, winner: 104, converts: 107, disputed: 113 } },
    end: null,
    claim: 'Their buyer confirmed in writing that our comparison led to the decision.',
  },
  {
    ...{ claimant: 'stack-recommender', winner: 'ops-optimizer', days: { claimant: 104, winner: 106, converts: 110, disputed: 117 } },
    end: null,
    claim: 'The quiz result that named LedgerBridge was ours, four days earlier.',
  },
];

/** What happens around them; payments and claims are told with those of everybody else. */
export function rivalActs(company: (currency: CurrencyCode) => Company): readonly Act[] {
  return rivalries.flatMap(({ claimant, winner, days, end, claim }) => {
    const prospect = company('usd');
    const [first, second] = [claimant, winner].map(agentNamed);
    invariant(first && second && currencyOf(first) === 'usd' && currencyOf(second) === 'usd', 'rivals are paid in one currency');
    const own = { by: claimant, domain: prospect.domain };
    const converts = { by: winner, ...prospect, paid: { currency: 'usd' as const }, hasWorkspace: false };
    return [
      { kind: 'record', day: days.claimant, minute: 611, agent: claimant, prospects: [prospect] },
      { kind: 'record', day: days.winner, minute: 684, agent: winner, prospects: [prospect] },
      { kind: 'convert', day: days.converts, minute: 0, conversions: [converts] },
      { kind: 'dispute', day: days.disputed, minute: 823, ...own, claim },
      ...(end === null ? [] : [{ kind: 'end_dispute' as const, day: end.day, minute: 662, ...own, end: end.how }]),
    ];
  });
}

const agentNamed = (name: string) => castAgents.find((agent) => agent.name === name);
