import type Stripe from 'stripe';
import { isFreeMail } from '../../../domain/free-mail.ts';
import { registrableDomain } from '../../../domain/prospect.ts';
import { type Answer, ask } from '../answer.ts';

/** A customer of the account, with no more of it than is compared. */
export interface KnownCustomer {
  readonly stripeCustomer: string;
  readonly createdAt: Date;
  /** The registrable domain of its mail; null without one, and where anybody gets an address. */
  readonly domain: string | null;
}

/** A hundred customers, the newest first, after the one that is named; `next` is null behind the last page. */
export async function readCustomers(
  stripe: Stripe,
  after: string | null,
): Promise<Answer<{ readonly customers: readonly KnownCustomer[]; readonly next: string | null }>> {
  const page = await ask('list', () => stripe.customers.list({ limit: 100, ...(after === null ? {} : { starting_after: after }) }));
  if (page.kind !== 'ok') return page;
  const { data, has_more } = page.value;
  const customers = data.map(({ id, created, email }) => ({
    stripeCustomer: id,
    createdAt: new Date(created * 1000),
    domain: domainOf(email),
  }));
  return { kind: 'ok', value: { customers, next: has_more ? (data.at(-1)?.id ?? null) : null } };
}

function domainOf(email: string | null): string | null {
  const domain = email === null || !email.includes('@') ? null : registrableDomain(email.slice(email.lastIndexOf('@') + 1));
  return domain === null || isFreeMail(domain) ? null : domain;
}
