import { isCanonicalText } from './canonical-text.ts';
import { parseJson } from './export-lines.ts';
import type { Fault } from './report.ts';

/** An event's body: canonical JSON of the right tenant, whose postings, if it has any, balance. */
export interface LedgerBody {
  readonly entry: string;
  readonly hasPostings: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Reads a body. A fault names the entry as far as it can be read. */
export function readBody(body: string, tenant: string): LedgerBody | Fault {
  const facts = parseJson(body);
  if (!isRecord(facts)) return { code: 'body.malformed', message: 'A body is a JSON object.' };
  const entry = entryOf(facts);
  if (entry === null) return { code: 'body.malformed', message: 'A body names its event.' };
  if (facts.v !== 1) return { code: 'body.malformed', message: 'This body is of a version that this verifier does not know.', entry };
  if (facts.tenant !== tenant) return { code: 'body.malformed', message: 'A body names the tenant of its ledger.', entry };
  if (!isCanonicalText(body, facts))
    return { code: 'body.malformed', message: 'A body is the RFC 8785 canonical form of what it says.', entry };
  if (facts.postings === undefined) return { entry, hasPostings: false, facts };
  return faultOfPostings(facts.postings, entry) ?? { entry, hasPostings: true, facts };
}

/** The entry that a body speaks of, even if something else about it is wrong; null when it cannot be told. */
export function entryNamedIn(body: string): string | null {
  const facts = parseJson(body);
  return isRecord(facts) ? entryOf(facts) : null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function entryOf({ event }: Readonly<Record<string, unknown>>): string | null {
  return typeof event === 'string' && /^[a-z]{1,8}_[0-9a-z]{26}$/.test(event) ? event : null;
}

/** Sums postings per currency; every sum has to be zero. */
function faultOfPostings(postings: unknown, entry: string): Fault | null {
  const malformed = { code: 'body.malformed', message: 'Postings name account, organization, currency and amount.', entry } as const;
  if (!Array.isArray(postings)) return malformed;
  const sums = new Map<string, bigint>();
  for (const posting of postings) {
    if (!isPosting(posting)) return malformed;
    sums.set(posting.currency, (sums.get(posting.currency) ?? 0n) + BigInt(posting.amount_minor));
  }
  const [currency, sum] = [...sums].find(([, total]) => total !== 0n) ?? [];
  if (currency === undefined) return null;
  const message = 'The postings of an entry sum to zero in every currency.';
  return { code: 'postings.unbalanced', message, entry, expected: `0 ${currency}`, found: `${sum} ${currency}` };
}

function isPosting(value: unknown): value is { readonly currency: string; readonly amount_minor: string } {
  if (!isRecord(value)) return false;
  const { account, organization, currency, amount_minor: amount } = value;
  const isOwned = organization === null || typeof organization === 'string';
  const isMoney = typeof currency === 'string' && /^[a-z]{3}$/.test(currency) && typeof amount === 'string';
  return typeof account === 'string' && isOwned && isMoney && /^(?:0|-?[1-9][0-9]{0,18})$/.test(amount);
}
