/** A browser as far as pages need one: it keeps cookies, follows nothing by itself, and says of its posts where they come from. */
import { inviteOperator } from '../../src/admin/invite-operator.ts';
import type { Role } from '../../src/domain/actor.ts';
import { demoHost, type TestWorld } from './world.ts';

export interface Browser {
  readonly cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Page>;
  /** Posts a form from a page of the desk, unless `headers` says otherwise; null takes a header away. */
  post(path: string, form?: Record<string, string>, headers?: Record<string, string | null>): Promise<Page>;
}

export interface Page {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  readonly location: string | null;
  readonly setCookies: readonly string[];
}

export function openBrowser(t: TestWorld, { host = demoHost, origin = 'http://localhost', from = '198.51.100.7' } = {}): Browser {
  const cookies = new Map<string, string>();
  async function send(method: string, path: string, headers: Record<string, string | null>, body?: string): Promise<Page> {
    const jar = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const given = Object.entries({ Host: host, ...(jar ? { Cookie: jar } : {}), ...headers });
    const request = new Request(new URL(path, `http://${host}`), {
      method,
      headers: given.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]])),
      ...(body === undefined ? {} : { body }),
    });
    const response = await t.app.fetch(request, { incoming: { socket: { remoteAddress: from } } });
    const setCookies = response.headers.getSetCookie();
    for (const cookie of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    return {
      status: response.status,
      text: await response.text(),
      headers: response.headers,
      location: response.headers.get('Location'),
      setCookies,
    };
  }
  return {
    cookies,
    get: (path, headers = {}) => send('GET', path, { 'Sec-Fetch-Site': 'none', ...headers }),
    post: (path, form = {}, headers = {}) =>
      send(
        'POST',
        path,
        { Origin: origin, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
        new URLSearchParams(form).toString(),
      ),
  };
}

/** Somebody who may sign in. An operator unless `role` says otherwise. */
export async function person(t: TestWorld, email: string, role: Role = 'operator', host = demoHost): Promise<string> {
  const desk = await t.world.deps.desks.find(host);
  if (!desk) throw new Error('no desk');
  const id = t.world.admin.newId('psn');
  const row = { person_id: id, email, name: null, role, state: 'active' as const, version: 1, oidc_issuer: null, oidc_subject: null };
  await t.world.deps.memory.commit(desk.tenant, { people: [{ ...row, created_at: t.world.deps.now().toISOString() }] });
  return id;
}

/** The path of the link in the newest mail to somebody. */
export async function mailedPath(t: TestWorld, email: string): Promise<string> {
  await t.settle();
  const mail = t.inbox.letters.findLast(({ to }) => to === email);
  const path = /https?:\/\/[^/\s]+(\/login\/\S+)/.exec(mail?.text ?? '')?.[1];
  if (path === undefined) throw new Error(`no mail to ${email}`);
  return path;
}

/** A browser in which this operator is signed in, by a link of the kind that the command line prints. */
export async function operatorBrowser(t: TestWorld, email = 'operator@example.com'): Promise<Browser> {
  const invited = await inviteOperator(t.world.admin, { host: demoHost, email });
  if (!invited.ok) throw new Error(invited.code);
  // Each from a network of its own, so that none uses up another's limit: the invitation was a round trip.
  const at = t.roundTrips();
  const browser = openBrowser(t, { from: `10.${(at >> 8) & 255}.${at & 255}.7` });
  const { status } = await browser.post(new URL(invited.value.url).pathname);
  if (status !== 303) throw new Error(`signing in answered ${status}`);
  return browser;
}
