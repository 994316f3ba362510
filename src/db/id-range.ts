/** Crockford's base32 in lower case, as TypeIDs write the 128 bits of a UUID (TypeID specification 0.3). */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * The lowest id that could have been made at an instant. Ids begin with the millisecond in which they were made (UUIDv7, RFC 9562 §5.7), so
 * that `id >= lowestId(prefix, from) and id < lowestId(prefix, to)` is a stretch of time that every index on ids answers.
 * @param at not before 1970
 */
export function lowestId(prefix: string, at: Date): string {
  let rest = BigInt(Math.max(0, at.getTime())) << 80n;
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = (alphabet[Number(rest & 31n)] ?? '') + text;
    rest >>= 5n;
  }
  return `${prefix}_${text}`;
}
