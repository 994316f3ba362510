import * as z from 'zod';
import { minorUnitDigits } from './currency.ts';
import { hasInvisibleText } from './untrusted-text.ts';

/** Kinds of field that the vendor file, the program terms and the capabilities document are made of. All are capped; none transforms. */

const URL_FORM =
  /^(?:https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|http:\/\/(?:localhost|127\.0\.0\.1))(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~:/?#[\]@!$&'()*+,;=%-]*)?$/;
const URL_NEEDED = 'An absolute https URL is needed (http only at localhost), without credentials.';
const INSTANT_NEEDED = 'A UTC time with milliseconds is needed, as 2026-01-31T00:00:00.000Z.';
const DATE_NEEDED = 'A calendar date is needed, as 2026-01-31.';
const MAX_AMOUNT_MINOR = 1_000_000_000_000;

/** Text for people, one paragraph of at most `max` characters: NFC, trimmed, without invisible characters. */
export function text(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine(isPlainText, {
      error: 'Plain text is needed: Unicode NFC, no leading or trailing space, no control, bidirectional or zero-width characters.',
      params: { code: 'text_unsafe' },
    });
}

/** Exactly one sentence for people, ended by a full stop, at most `max` characters. */
export function sentence(max: number) {
  return text(max).refine((value) => value.endsWith('.') && !/[.!?]\s+\S/.test(value), {
    error: 'Exactly one sentence is needed, ended by a full stop.',
    params: { code: 'one_sentence' },
  });
}

/** A stable name inside one document: lower case, digits, `_` and `-`, at most 63 characters. */
export function slug() {
  return z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, { error: 'A slug is needed: a lower-case letter, then at most 62 of a-z 0-9 _ -.' });
}

/** An absolute https URL, or http at localhost; without credentials, at most 2,048 characters. The pattern is short, the check is exact. */
export function url() {
  return z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[!-~]+$/, { error: URL_NEEDED, abort: true })
    .refine((value) => URL_FORM.test(value) && URL.canParse(value), { error: URL_NEEDED, params: { code: 'format' } });
}

export function email() {
  return z
    .string()
    .max(254)
    .regex(/^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, { error: 'An e-mail address is needed.' });
}

/** ISO 4217, lower case, active. */
export function currency() {
  return z
    .string()
    .regex(/^[a-z]{3}$/, { error: 'An ISO 4217 currency code in lower case is needed.', abort: true })
    .refine((code) => minorUnitDigits(code) !== undefined, {
      error: 'This is not an active ISO 4217 currency.',
      params: { code: 'currency_unknown' },
    });
}

/** An integer in the currency's smallest unit: cents for `usd`, whole yen for `jpy`. */
export function amountMinor(min = 0) {
  return z.int().min(min).max(MAX_AMOUNT_MINOR);
}

/** RFC 3339, UTC, milliseconds. */
export function instant() {
  return z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, { error: INSTANT_NEEDED, abort: true })
    .refine((value) => isCalendarInstant(value), { error: INSTANT_NEEDED, params: { code: 'format' } });
}

export function calendarDate() {
  return z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, { error: DATE_NEEDED, abort: true })
    .refine((value) => isCalendarInstant(`${value}T00:00:00.000Z`), { error: DATE_NEEDED, params: { code: 'format' } });
}

/** Lower-case hex of a SHA-256. */
export function sha256() {
  return z.string().regex(/^[0-9a-f]{64}$/, { error: 'A SHA-256 in 64 lower-case hexadecimal digits is needed.' });
}

/** Named whole numbers, such as `{ "seats": 5 }`; at most 20. */
export function figures() {
  return z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/), amountMinor())
    .refine((value) => Object.keys(value).length <= 20, { error: 'At most 20 entries.', params: { code: 'too_long' } })
    .meta({ maxProperties: 20 });
}

function isPlainText(value: string): boolean {
  return value === value.trim() && value === value.normalize('NFC') && !hasInvisibleText(value);
}

/** Dates that the calendar does not have, such as 30 February, come back as another one. */
function isCalendarInstant(value: string): boolean {
  const time = new Date(value);
  return !Number.isNaN(time.getTime()) && time.toISOString() === value;
}
