import { describe, expect, it } from 'vitest';
import type { GuardedAnswer, GuardedFetch, GuardedRequest } from '../../src/access/guarded-fetch.ts';
import { letter } from '../../src/effects/mail/letters.ts';
import { resend } from '../../src/effects/mail/resend.ts';

const mail = { to: 'ada@example.com', subject: 'Sign in', text: 'A link.\n' };

/** A Resend that answers as it is told, and what it was sent. */
function pretendedResend(answer: GuardedAnswer) {
  const received: GuardedRequest[] = [];
  const fetch: GuardedFetch = async (request) => {
    received.push(request);
    return answer;
  };
  return { received, send: resend(fetch, { apiKey: 're_test_12345678', from: 'Desk <desk@example.com>' }) };
}
const status = (code: number, headers: Record<string, string> = {}): GuardedAnswer => ({
  ...{ ok: true, status: code, headers: new Headers(headers), body: new Uint8Array() },
});

describe('Resend', () => {
  it('is sent plain text, under a key that is the same when the mail is sent again', async () => {
    const { received, send } = pretendedResend(status(200));
    expect(await send(mail, 'eff_1')).toEqual({ sent: true });
    await send(mail, 'eff_1');
    const [first, second] = received;
    expect(first).toMatchObject({ url: 'https://api.resend.com/emails', method: 'POST', headers: { 'idempotency-key': 'eff_1' } });
    expect(JSON.parse(first?.body ?? '')).toEqual({ from: 'Desk <desk@example.com>', ...mail, to: ['ada@example.com'] });
    expect(second).toEqual(first);
  });

  it.each([
    [429, { 'retry-after': '7' }, { again: true, afterS: 7 }],
    [409, {}, { again: true }],
    [503, {}, { again: true }],
    [401, {}, { again: false }],
    [422, { 'retry-after': '7' }, { again: false }],
  ])('that answers %i %o comes to %o', async (code, headers, expected) => {
    const { send } = pretendedResend(status(code, headers));
    expect(await send(mail, 'eff_1')).toEqual({ sent: false, error: `http_${code}`, status: code, ...expected });
  });

  it('that cannot be reached is tried again', async () => {
    const { send } = pretendedResend({ ok: false, reason: 'timeout' });
    expect(await send(mail, 'eff_1')).toEqual({ sent: false, again: true, error: 'timeout' });
  });
});

describe('a letter', () => {
  it('holds the link, how long it works, and of the vendor its name, whatever that looks like', () => {
    const { subject, text } = letter('invitation', { vendor: 'A {url} & $1', url: 'https://desk.example/login/t', minutes: 7 * 1440 });
    expect(subject).toBe('You are invited to A {url} & $1');
    expect(text).toContain('\nhttps://desk.example/login/t\n');
    expect(text).toContain('for 7 days');
  });
});
