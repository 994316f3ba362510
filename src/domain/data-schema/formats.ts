import type { StringFormat } from './model.ts';

/** Does the text have the format? Every check is linear in the length, which the caller has bounded. */
export function hasFormat(format: StringFormat, text: string): boolean {
  return checks[format](text);
}

const checks: Record<StringFormat, (text: string) => boolean> = {
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  email: isEmail,
  uuid: (text) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text),
  uri: isUri,
  ipv4: (text) => /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/.test(text),
  hostname: isHostname,
};

/** RFC 3339 §5.6 `full-date`, checked against the calendar. */
function isDate(text: string): boolean {
  const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (parts === null) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

/** RFC 3339 §5.6 `full-time`, or `partial-time` without an offset, as most systems write times of day. No leap seconds. */
function isTime(text: string): boolean {
  return /^(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?$/i.test(text);
}

/** RFC 3339 §5.6 `date-time`: the offset is required. No leap seconds. */
function isDateTime(text: string): boolean {
  return /^.{10}T/i.test(text) && isDate(text.slice(0, 10)) && isTime(text.slice(11)) && /(?:Z|[+-][0-9]{2}:[0-9]{2})$/i.test(text);
}

/** The dot-atom form of RFC 5321 §4.1.2 `Mailbox`, without quoted strings and address literals. */
function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(0, at));
  if (text.length > 254 || local.length === 0 || local.length > 64) return false;
  return /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+$/.test(local) && !/^\.|\.\.|\.$/.test(local) && isHostname(text.slice(at + 1));
}

/** RFC 1123 §2.1, with the lengths of RFC 1035 §2.3.4. */
function isHostname(text: string): boolean {
  if (text.length === 0 || text.length > 253) return false;
  return text.split('.').every((label) => label.length <= 63 && /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label));
}

/** The characters of RFC 3986 §2 after a scheme (§3.1). */
function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]{0,30}:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text);
}
