import type { CurrencyCode, castApplications, castPeople } from './cast.ts';
import type { Era } from './eras.ts';
import type { Company } from './names.ts';

/** A referral, by who made it and about whom. */
export interface Named {
  /** The agent's name. */
  readonly by: string;
  /** The prospect's domain. */
  readonly domain: string;
}

/** A prospect that becomes a customer. `signs_up` pays nothing that counts. */
export interface Conversion extends Named {
  readonly name: string;
  readonly paid: { readonly currency: CurrencyCode } | null;
  /** It takes its sandbox over; otherwise the vendor only says that it signed up. */
  readonly hasWorkspace: boolean;
}

export type RoundName = 'drain' | 'qualify' | 'expire' | 'seal' | 'reconcile';

interface Acts {
  readonly program: { readonly era: Era };
  readonly agent: { readonly agent: string };
  readonly customer: { readonly domain: string };
  /** The organization publishes at its domain what proves it, and that is looked for. */
  readonly prove: { readonly domain: string };
  readonly campaign: { readonly agent: string; readonly campaign: string };
  readonly visits: { readonly agent: string; readonly count: number };
  readonly record: { readonly agent: string; readonly prospects: readonly Company[] };
  readonly provision: { readonly agent: string; readonly prospect: Company };
  readonly revoke_workspace: Named;
  readonly convert: { readonly conversions: readonly Conversion[] };
  readonly existing: { readonly referrals: readonly Named[] };
  readonly hold: Named;
  readonly dispute: Named & { readonly claim: string };
  readonly end_dispute: Named & { readonly end: 'upheld' | 'denied' | 'withdrawn' };
  /** Of the customer's payment, in hundredths. */
  readonly refund: { readonly domain: string; readonly percent: 50 | 100 };
  /** What external rewards the vendor was told to pay, it pays. */
  readonly pay: Readonly<Record<never, never>>;
  readonly person: { readonly person: (typeof castPeople)[number] };
  readonly application: { readonly application: (typeof castApplications)[number] };
  readonly answer: { readonly email: string; readonly approve: boolean };
  readonly endpoint: { readonly url: string; readonly types: readonly string[]; readonly agent: string | null };
  readonly endpoint_off: { readonly url: string };
  readonly rounds: { readonly names: readonly RoundName[] };
}

export type ActKind = keyof Acts;

/** Something that somebody does, with when: the day from 0, the minute of that day. */
export type Act = { readonly [K in ActKind]: ActOf<K> }[ActKind];
export type ActOf<K extends ActKind> = { readonly kind: K; readonly day: number; readonly minute: number } & Acts[K];
