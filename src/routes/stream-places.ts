/** How many streams may be open at once: of one caller, and in this process. */
export interface StreamPlaces {
  /** Takes a place; answers how to give it back, or null where none is left. */
  take(caller: string): (() => void) | null;
  /** How many are taken. */
  taken(): number;
}

export function openPlaces(limits: { readonly perCaller: number; readonly inAll: number }): StreamPlaces {
  const taken = new Map<string, number>();
  let inAll = 0;
  return {
    taken: () => inAll,
    take(caller) {
      const own = taken.get(caller) ?? 0;
      if (own >= limits.perCaller || inAll >= limits.inAll) return null;
      taken.set(caller, own + 1);
      inAll += 1;
      return once(() => {
        inAll -= 1;
        const left = (taken.get(caller) ?? 1) - 1;
        if (left > 0) taken.set(caller, left);
        else taken.delete(caller);
      });
    },
  };
}

function once(run: () => void): () => void {
  let ran = false;
  return () => {
    if (!ran) run();
    ran = true;
  };
}
