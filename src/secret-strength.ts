const leastBytes = 32;

/**
 * Why a secret must not be used in production, as the end of a sentence that begins with its name; undefined when it will do.
 * It needs 32 bytes once decoded, where a block that repeats counts once, and must not look typed or counted by hand.
 */
export function weakness(secret: string): string | undefined {
  const bytes = secretBytes(secret);
  if (bytes.length < leastBytes) return `is too short: it needs ${leastBytes} random bytes once decoded, and has ${bytes.length}`;
  const steps = new Set(bytes.slice(1).map((byte, index) => byte - (bytes[index] ?? 0)));
  const guessable = period(bytes) < leastBytes || new Set(bytes).size < 12 || steps.size < 4;
  return guessable ? 'is too easy to guess: it repeats itself or follows a pattern' : undefined;
}

/** The bytes of a secret: decoded if it is hex, base64url or base64, else its UTF-8 text. */
export function secretBytes(secret: string): Uint8Array {
  return decodeSecret(secret) ?? new TextEncoder().encode(secret);
}

/** Decodes hex (when every character is a hex digit), base64url or base64 (padded or not); undefined when it is none of them. */
export function decodeSecret(text: string): Uint8Array | undefined {
  if (/^(?:[0-9a-fA-F]{2})+$/.test(text)) return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const digits = text
    .replace(/={1,2}$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  if (!/^[0-9A-Za-z+/]+$/.test(digits) || digits.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
}

/** Length of the shortest block that gives `bytes` when it is repeated, at least once in full; otherwise all of their length. */
function period(bytes: Uint8Array): number {
  for (let length = 1; length <= bytes.length / 2; length += 1) {
    if (bytes.every((byte, index) => index < length || byte === bytes[index - length])) return length;
  }
  return bytes.length;
}
