import type { GuardedFetch } from '../../access/guarded-fetch.ts';
import type { MailTransport } from './transport.ts';

export interface ResendSettings {
  readonly apiKey: string;
  /** As a From header says it: `Desk <desk@example.com>`. */
  readonly from: string;
}

/**
 * Mail through Resend (`POST /emails`). Its Idempotency-Key holds for a day, longer than any link in a sign-in mail. 429 and 5xx may go
 * through later, and so may 409 while the same mail is under way; any other status means that the mail or the key is not accepted.
 */
export function resend(fetchOutside: GuardedFetch, { apiKey, from }: ResendSettings): MailTransport {
  return async ({ to, subject, text }, key) => {
    const answer = await fetchOutside({
      url: 'https://api.resend.com/emails',
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', 'idempotency-key': key },
        'user-agent': 'frontdesk-mail/1',
      },
      body: JSON.stringify({ from, to: [to], subject, text }),
      maxBytes: 0,
      timeoutMs: 10_000,
    });
    if (!answer.ok) return { sent: false, again: true, error: answer.reason };
    const { status, headers } = answer;
    if (status >= 200 && status < 300) return { sent: true };
    const again = status === 429 || status === 409 || status >= 500;
    const afterS = retryAfterS(headers.get('retry-after'));
    return { sent: false, again, error: `http_${status}`, status, ...(again && afterS !== null ? { afterS } : {}) };
  };
}

/** RFC 9110 §10.2.3, in seconds, which is how Resend says it. An hour at most. */
function retryAfterS(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Math.min(Number(text), 3600) : null;
}
