import { type Fault, faultKinds } from '../http/faults.ts';
import type { StripeSimulator } from '../simulator.ts';
import type { EventType } from '../wire.ts';

/** The members of a control call's JSON body. */
type Body = Readonly<Record<string, unknown>>;

/** A command that was not understood. */
class BadCommand extends Error {}

/** `POST /_control/{command}` with a JSON body and the control token; answers `{ "result": … }`. Failures: 400, 401, 404. */
export async function answerControl(simulator: StripeSimulator, token: string, request: Request): Promise<Response> {
  if (request.headers.get('authorization') !== `Bearer ${token}`)
    return Response.json({ error: 'control token required' }, { status: 401 });
  const name = new URL(request.url).pathname.slice('/_control/'.length);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined || request.method !== 'POST') return Response.json({ error: 'no such command' }, { status: 404 });
  try {
    const text = await request.text();
    const body: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof body !== 'object' || body === null) throw new BadCommand('the body is no JSON object');
    const result = await command(simulator, { ...body });
    return Response.json({ result: result ?? null });
  } catch (failure) {
    if (failure instanceof Error) return Response.json({ error: failure.message }, { status: 400 });
    throw failure;
  }
}

const commands: Readonly<Record<string, (simulator: StripeSimulator, body: Body) => unknown>> = {
  now: (simulator) => simulator.now(),
  advance: async (simulator, body) => {
    await simulator.advance(integer(body, 'seconds'));
    return simulator.now();
  },
  next: (simulator) => simulator.nextAt(),
  settled: (simulator) => simulator.settled(),
  summary: (simulator, body) => simulator.summary(optional(body, 'metadata_key', text)),
  snapshot: (simulator) => JSON.parse(simulator.snapshot()),

  faults: (simulator, body) => simulator.faults.add(faultOf(body)),
  'faults/random': (simulator, body) => simulator.faults.random({ seed: integer(body, 'seed'), rate: number(body, 'rate') }),
  'faults/clear': (simulator) => simulator.faults.clear(),
  'faults/happened': (simulator) => simulator.faults.happened(),

  'webhooks/pause': (simulator) => simulator.webhooks.pause(),
  'webhooks/resume': (simulator) => simulator.webhooks.resume(),
  'webhooks/pending': (simulator, body) => simulator.webhooks.pending(filterOf(body)),
  'webhooks/events': (simulator, body) => simulator.webhooks.events(filterOf(body)),
  'webhooks/deliver': (simulator, body) => simulator.webhooks.deliver(filterOf(body)),
  'webhooks/reorder': (simulator, body) => simulator.webhooks.deliverShuffled(integer(body, 'seed'), filterOf(body)),
  'webhooks/duplicate': (simulator, body) => simulator.webhooks.duplicate(text(body, 'event'), integer(body, 'times')),
  'webhooks/emit_again': (simulator, body) => simulator.webhooks.emitAgain(text(body, 'event')),
  'webhooks/drop': (simulator, body) => simulator.webhooks.drop(filterOf(body)),
  'webhooks/delay': (simulator, body) => simulator.webhooks.delay(integer(body, 'seconds'), filterOf(body)),

  'cards/set': (simulator, body) => simulator.setCard(text(body, 'customer'), oneOf(body, 'card', ['works', 'declines'])),
  'invoices/pay': (simulator, body) =>
    simulator.payInvoice(
      text(body, 'invoice'),
      optional(body, 'by', (of, name) => oneOf(of, name, ['card', 'out_of_band'])),
    ),
  'refunds/fail': (simulator, body) => simulator.failRefund(text(body, 'refund')),
  'disputes/open': (simulator, body) => simulator.openDispute(text(body, 'charge'), given({ amount: optional(body, 'amount', integer) })),
  'disputes/win': (simulator, body) => simulator.winDispute(text(body, 'dispute')),
  'disputes/lose': (simulator, body) => simulator.loseDispute(text(body, 'dispute')),
  'checkout/complete': (simulator, body) =>
    simulator.completeCheckout(
      text(body, 'session'),
      given({
        email: optional(body, 'email', text),
        name: optional(body, 'name', text),
        promotionCode: optional(body, 'promotion_code', text),
      }),
    ),
  'accounts/finish_onboarding': (simulator, body) => simulator.finishOnboarding(text(body, 'account')),
  'accounts/set_balance': (simulator, body) =>
    simulator.setAccountBalance(text(body, 'account'), text(body, 'currency'), integer(body, 'left')),
  'platform/set_balance': (simulator, body) => simulator.setPlatformBalance(text(body, 'currency'), integer(body, 'available')),
  'grants/use': (simulator, body) => simulator.useGrant(text(body, 'grant'), integer(body, 'amount')),
  'keys/set_permissions': (simulator, body) => simulator.setPermissions(text(body, 'key'), texts(body, 'permissions')),
  'tax/set': (simulator, body) => simulator.setTaxPercent(number(body, 'percent')),
};

function faultOf(body: Body): Fault {
  return {
    kind: oneOf(body, 'kind', faultKinds),
    ...given({
      method: optional(body, 'method', (of, name) => oneOf(of, name, ['GET', 'POST', 'DELETE'] as const)),
      path: optional(body, 'path', text),
      nth: optional(body, 'nth', integer),
      times: optional(body, 'times', integer),
      milliseconds: optional(body, 'milliseconds', integer),
    }),
  };
}

function filterOf(body: Body): { readonly type?: EventType; readonly event?: string } {
  const isType = (value: string): value is EventType => /^[a-z_]+(?:\.[a-z0-9_]+)+$/.test(value);
  const type = optional(body, 'type', text);
  if (type !== undefined && !isType(type)) throw new BadCommand('type is no event type');
  return given({ type, event: optional(body, 'event', text) });
}

type Given<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };
/** Leaves out what was not given. */
function given<Members extends object>(members: Members): Given<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<Members>;
}

function optional<T>(body: Body, name: string, read: (body: Body, name: string) => T): T | undefined {
  return body[name] === undefined ? undefined : read(body, name);
}
function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new BadCommand(`${name} is no text`);
}
function texts(body: Body, name: string): string[] {
  const value = body[name];
  if (Array.isArray(value) && value.every((one): one is string => typeof one === 'string')) return value;
  throw new BadCommand(`${name} is no array of texts`);
}
function number(body: Body, name: string): number {
  const value = body[name];
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new BadCommand(`${name} is no number from 0`);
}
function integer(body: Body, name: string): number {
  const value = number(body, name);
  if (Number.isSafeInteger(value)) return value;
  throw new BadCommand(`${name} is no integer`);
}
function oneOf<const T extends string>(body: Body, name: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === body[name]);
  if (found !== undefined) return found;
  throw new BadCommand(`${name} is none of ${allowed.join(', ')}`);
}
