/** Work that a commit left behind, done soon after the answer instead of by the next schedule. Tenants are looked after one by one. */
export interface Kicks {
  /** There is something to do for this tenant. Asking twice is asking once. */
  ask(tenant: string): void;
  /** Begins with what was asked for, or joins what is under way. Null when there is nothing. Never rejects. */
  run(): Promise<void> | null;
}

export function openKicks({ work, now, report }: KicksDeps): Kicks {
  const asked = new Set<string>();
  let flight: { readonly at: number; readonly landed: Promise<void> } | null = null;

  async function workOff(): Promise<void> {
    for (const tenant of asked) {
      asked.delete(tenant);
      // A later commit may ask for the same tenant again meanwhile: the set then holds it anew.
      await work(tenant).catch((error: unknown) => report(error, 'kick'));
    }
  }

  return {
    ask: (tenant) => void asked.add(tenant),
    run() {
      const at = now().getTime();
      // An edge instance may have been frozen in the middle: what takes too long is no longer waited for.
      if (flight !== null && at - flight.at < patienceMs) return flight.landed;
      if (asked.size === 0) return null;
      const begun = {
        at,
        landed: workOff().finally(() => {
          if (flight === begun) flight = null;
        }),
      };
      flight = begun;
      return begun.landed;
    },
  };
}

interface KicksDeps {
  readonly work: (tenant: string) => Promise<unknown>;
  readonly now: () => Date;
  readonly report: (error: unknown, about: string) => void;
}

const patienceMs = 60_000;
