/** The head of a ledger that was verified in this browser: what comes later has to continue it. */
interface KeptHead {
  /** When it was verified here, RFC 3339. */
  readonly at: string;
  /** The signed note (C2SP signed-note) as it came. */
  readonly note: string;
  readonly checkpoint: { readonly size: number };
}

/** What was kept of this ledger; null if nothing was, or where a browser keeps nothing. */
export function readKept(ledger: string): KeptHead | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(ledger)) ?? 'null');
    return isKept(value) ? value : null;
  } catch {
    return null;
  }
}

export function keep(ledger: string, head: KeptHead): void {
  try {
    localStorage.setItem(keyOf(ledger), JSON.stringify(head));
  } catch {
    // A browser that keeps nothing compares nothing the next time.
  }
}

export function forgetKept(ledger: string): void {
  try {
    localStorage.removeItem(keyOf(ledger));
  } catch {
    // There was nothing.
  }
}

const keyOf = (ledger: string): string => `frontdesk.verified.${ledger}`;

function isKept(value: unknown): value is KeptHead {
  if (typeof value !== 'object' || value === null || !('at' in value && 'note' in value && 'checkpoint' in value)) return false;
  const { at, note, checkpoint } = value;
  const isRead = typeof checkpoint === 'object' && checkpoint !== null && 'size' in checkpoint && Number.isSafeInteger(checkpoint.size);
  return isRead && typeof at === 'string' && !Number.isNaN(Date.parse(at)) && typeof note === 'string';
}
