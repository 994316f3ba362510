import { sequence } from '../ids.ts';

/**
 * What goes wrong with a request:
 * - `rate_limit`: 429 with `Retry-After`, nothing executed or stored.
 * - `error_500`: 500 before anything is executed or stored.
 * - `error_500_stored`: executed, but 500 is answered and stored under the idempotency key.
 * - `error_500_stored_unapplied`: not executed, 500 stored under the idempotency key.
 * - `timeout_before`: the connection breaks, nothing executed.
 * - `timeout_after`: executed and stored, then the connection breaks.
 * - `hang_after`: executed and stored, then nothing more comes until the client gives up.
 * - `conflict`: 409 `lock_timeout`, nothing executed or stored.
 * - `slow`: executed after `milliseconds`; its idempotency key is in use for that long.
 */
export type FaultKind =
  | 'conflict'
  | 'error_500'
  | 'error_500_stored'
  | 'error_500_stored_unapplied'
  | 'hang_after'
  | 'rate_limit'
  | 'slow'
  | 'timeout_after'
  | 'timeout_before';

/** Which requests a fault meets: the `nth` of those that match (the next one unless told), `times` in a row. */
export interface Fault {
  readonly kind: FaultKind;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** A path, in which a segment `*` stands for any one. All paths unless told. */
  readonly path?: string;
  readonly nth?: number;
  readonly times?: number;
  readonly milliseconds?: number;
}

/** Faults by chance: of `rate` (0 to 1) of the requests, by a seed, of these kinds. */
export interface Mishaps {
  readonly seed: number;
  readonly rate: number;
  readonly kinds?: readonly FaultKind[];
}

export const faultKinds: readonly FaultKind[] = [
  'conflict',
  'error_500',
  'error_500_stored',
  'error_500_stored_unapplied',
  'hang_after',
  'rate_limit',
  'slow',
  'timeout_after',
  'timeout_before',
];
const byChance: readonly FaultKind[] = [
  'conflict',
  'error_500',
  'error_500_stored',
  'error_500_stored_unapplied',
  'rate_limit',
  'timeout_after',
  'timeout_before',
];

export interface Faults {
  readonly add: (fault: Fault) => void;
  readonly random: (mishaps: Mishaps | null) => void;
  readonly clear: () => void;
  /** The fault that this request meets. It is spent by that. */
  readonly meet: (method: string, path: string) => Pick<Fault, 'kind' | 'milliseconds'> | undefined;
  /** How often each kind happened. */
  readonly happened: () => Readonly<Record<string, number>>;
}

export function createFaults(): Faults {
  let planned: { readonly fault: Fault; wait: number; left: number }[] = [];
  let chance: { readonly rate: number; readonly kinds: readonly FaultKind[]; readonly next: () => number } | null = null;
  const counts: Record<string, number> = {};

  const planOf = (method: string, path: string): Fault | undefined => {
    for (const plan of planned) {
      if (!matches(plan.fault, method, path)) continue;
      plan.wait -= 1;
      if (plan.wait > 0) continue;
      plan.left -= 1;
      if (plan.left === 0) planned = planned.filter((other) => other !== plan);
      return plan.fault;
    }
    return undefined;
  };
  const mishap = (): Pick<Fault, 'kind'> | undefined => {
    if (chance === null || chance.next() >= chance.rate) return undefined;
    const kind = chance.kinds[Math.floor(chance.next() * chance.kinds.length)];
    return kind === undefined ? undefined : { kind };
  };
  return {
    add: (fault) => {
      planned.push({ fault, wait: fault.nth ?? 1, left: fault.times ?? 1 });
    },
    random: (mishaps) => {
      chance = mishaps === null ? null : { rate: mishaps.rate, kinds: mishaps.kinds ?? byChance, next: sequence(mishaps.seed) };
    },
    clear: () => {
      planned = [];
      chance = null;
    },
    meet: (method, path) => {
      const met = planOf(method, path) ?? mishap();
      if (met !== undefined) counts[met.kind] = (counts[met.kind] ?? 0) + 1;
      return met;
    },
    happened: () => ({ ...counts }),
  };
}

function matches({ method: wanted, path: pattern }: Fault, method: string, path: string): boolean {
  if (wanted !== undefined && wanted !== method) return false;
  if (pattern === undefined) return true;
  const [given, segments] = [path.split('/'), pattern.split('/')];
  return given.length === segments.length && segments.every((segment, index) => segment === '*' || segment === given[index]);
}
