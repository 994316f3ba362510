/**
 * A text for a log, without what opens anything: secrets of ours (`fd_<kind>_…`, `whsec_…`), JSON Web Tokens whole or in part, keys of the
 * payment provider, and the password in a database address. What is left of each says what it was.
 */
export function redact(text: string): string {
  return forms.reduce((left, [form, instead]) => left.replace(form, instead), text);
}

const forms: readonly (readonly [RegExp, string])[] = [
  [/\bfd_(key|sbx|clm|whs|ses)_[0-9A-Za-z_]*/g, 'fd_$1_[redacted]'],
  [/\bwhsec_[0-9A-Za-z+/=_-]*/g, 'whsec_[redacted]'],
  // A JWT begins with base64url of `{"`; one that was cut off is one as well.
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g, '[redacted token]'],
  [/\b(sk|rk)_(live|test)_[0-9A-Za-z]*/g, '$1_$2_[redacted]'],
  [/\b(re)_[0-9A-Za-z]{8,}_[0-9A-Za-z]{16,}/g, '$1_[redacted]'],
  [/(\b[a-z][a-z0-9+]*:\/\/[^\s:/@]{0,200}):[^\s@/]{1,500}@/gi, '$1:[redacted]@'],
  [/\b(bearer|dpop|basic) +[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
];
