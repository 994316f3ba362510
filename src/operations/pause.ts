/**
 * Lets others go first before a call is decided anew: up to 10 ms before the second attempt, twice that before each further one, at most
 * 320 ms. Anything in between, because callers who met once would otherwise meet again (exponential backoff with full jitter).
 */
export function pauseBefore(attempt: number): Promise<void> {
  const mostMs = Math.min(320, 10 * 2 ** (attempt - 2));
  return new Promise((resolve) => setTimeout(resolve, Math.random() * mostMs));
}
