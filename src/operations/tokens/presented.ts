import type { Queries } from '../../db/queries.ts';
import type { Changes, Given } from '../../domain/decision.ts';
import type { Grantee } from '../../domain/grant.ts';
import type { Result } from '../../domain/result.ts';
import type { Desk } from '../desk.ts';
import type { Facts, Loads } from '../operation.ts';
import type { Outside } from '../outside.ts';
import type { TokenForm } from './form.ts';
import type { OAuthCode } from './oauth-failures.ts';

/** What a grant type makes of a form, without I/O: what was presented, or why it cannot be that. */
export type Grant = (form: TokenForm, at: Where) => Result<Presented, OAuthCode> | Promise<Result<Presented, OAuthCode>>;

export interface Where {
  readonly desk: Desk;
  readonly now: Date;
}

/** Something that may be exchanged for a token. Types of its own facts and proof end here; see `presented`. */
export interface Presented {
  readonly load: (queries: Queries) => Loads;
  readonly prove: (facts: Loaded, outside: Outside) => Promise<Result<unknown, OAuthCode>>;
  readonly admit: (facts: Loaded, proven: unknown, given: Given) => Result<Admission, OAuthCode>;
}

type Loaded = Readonly<Record<string, unknown>>;

/** What was presented is good for a token, or not yet. `changes`: what is written in either case. */
export type Admission = Admitted | { readonly admitted: false; readonly error: OAuthCode; readonly changes: Changes };

export interface Admitted {
  readonly admitted: true;
  readonly grantee: Grantee;
  /** The most that the credential lets its holder have; null: as much as the tier does. */
  readonly most: readonly string[] | null;
  /** The API key that was shown. */
  readonly keyId: string | null;
  /** The one resource that what was presented is good for, where it says so. */
  readonly resource?: string | null;
  readonly changes: Changes;
  /** Claims of an identity assertion that is given along, and until when it is good. */
  readonly assertion?: { readonly claims: Readonly<Record<string, unknown>>; readonly expiresAt: string };
}

/** `load → prove → admit`: facts in one round trip, then what only the outside can prove, then the decision, which is pure. */
export function presented<L extends Loads, P>(parts: {
  readonly load: (queries: Queries) => L;
  readonly prove: (facts: Facts<L>, outside: Outside) => Promise<Result<P, OAuthCode>>;
  readonly admit: (facts: Facts<L>, proven: P, given: Given) => Result<Admission, OAuthCode>;
}): Presented {
  // What comes back is what these very parts asked for.
  return {
    load: parts.load,
    prove: (facts, outside) => parts.prove(facts as Facts<L>, outside),
    admit: (facts, proven, given) => parts.admit(facts as Facts<L>, proven as P, given),
  };
}
