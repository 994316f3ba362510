import type Stripe from 'stripe';
import { queries } from '../../../db/queries.ts';
import { canonicalize, sha256Hex } from '../../../domain/canonical.ts';
import { type Changes, together } from '../../../domain/decision.ts';
import { linkPayee, obstructPayee, payeeFile } from '../../../domain/payee.ts';
import { reportOfStripe } from '../../../domain/stripe-report.ts';
import type { Settlement } from '../../effect.ts';
import { isFor, organizationIn, prospectIn } from '../metadata.ts';
import { reread } from '../reread.ts';
import type { StripeScene, Told, Translator } from '../translator.ts';

/** `customer.created` and `customer.updated`: what the vendor wrote on it links it to an organization, and to a prospect. */
export const customerChanged: Translator = async (told, scene) => {
  const read = await reread<Stripe.Customer | Stripe.DeletedCustomer>(told, 'customer', (id) => scene.stripe.customers.retrieve(id));
  if (!read.ok) return read.settlement;
  if (read.value.deleted) return obstructed(read.value.id, scene);
  const { id, metadata } = read.value;
  if (!isFor(scene.desk, metadata)) return { kind: 'done', note: 'tenant_other' };
  return settled([await organizationLink(id, metadata, told, scene), await prospectLink(id, metadata, told, scene)]);
};

/** `customer.deleted`: nothing can be credited there any more. */
export const customerDeleted: Translator = async (told, scene) => {
  if (told.objectId === null) return { kind: 'done', note: 'object_unnamed' };
  const { stripe } = scene;
  const read = await reread<Stripe.Customer | Stripe.DeletedCustomer>(told, 'customer', (id) => stripe.customers.retrieve(id));
  if (read.ok && !read.value.deleted) return { kind: 'done', note: 'customer_not_deleted' };
  return read.ok || read.settlement.kind === 'done' ? obstructed(told.objectId, scene) : read.settlement;
};

/** What one thing that metadata names comes to. A note instead of changes: why nothing is made of it. */
interface Linked {
  readonly changes?: Changes;
  readonly note?: string;
}

function settled(links: readonly Linked[]): Settlement {
  const notes = links.flatMap(({ note }) => note ?? []);
  return {
    kind: 'done',
    changes: together(...links.map(({ changes }) => changes ?? {})),
    ...(notes.length > 0 ? { note: notes.join(' ') } : {}),
  };
}

async function organizationLink(customer: string, metadata: Stripe.Metadata, told: Told, { consult, given }: StripeScene): Promise<Linked> {
  const organization_id = organizationIn(metadata);
  if (organization_id === null) return {};
  const [[row]] = await consult([queries.payeeFiles([{ organization_id, kind: 'customer', stripe_id: customer }])]);
  const file = payeeFile(row);
  if (file === null) return { note: 'organization_unknown' };
  const linked = linkPayee(file, { stripeId: customer, source: 'metadata', linkedBy: told.eventId }, given);
  return linked.ok ? { changes: linked.value } : { note: 'organization_contradiction' };
}

async function prospectLink(customer: string, metadata: Stripe.Metadata, told: Told, scene: StripeScene): Promise<Linked> {
  const occurredAt = told.createdAt < scene.now ? told.createdAt : scene.now;
  const named = await prospectIn(metadata, scene.desk, occurredAt);
  if (named === null) return {};
  const reportId = `${customer}:${sha256Hex(canonicalize({ ...named })).slice(0, 32)}`;
  const [found] = await scene.consult([queries.stripeSubject({ reportId, stripeCustomer: customer, ...named })]);
  if (found === null) return {};
  const linked = reportOfStripe({ reportId, type: 'metadata.linked', stripeCustomer: customer, named, occurredAt }, found, scene.given);
  if (linked.ok) return { changes: linked.value };
  return { note: linked.code === 'resource.conflict' ? 'prospect_contradiction' : 'prospect_unknown' };
}

async function obstructed(customer: string, { consult }: StripeScene): Promise<Settlement> {
  const [known] = await consult([queries.stripeCustomer(customer, null)]);
  if (!known?.payee) return { kind: 'done', note: 'customer_no_payee' };
  const [[row]] = await consult([queries.payeeFiles([{ organization_id: known.payee, kind: 'customer', stripe_id: null }])]);
  const file = payeeFile(row);
  if (file?.current?.stripeId !== customer) return { kind: 'done', note: 'customer_no_payee' };
  return { kind: 'done', changes: obstructPayee(file, 'customer_deleted') };
}
