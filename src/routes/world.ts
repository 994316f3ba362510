import type { Deps } from '../operations/perform.ts';

/** What the doors stand on: made once, in `deps.ts`. */
export interface World {
  readonly deps: Deps;
  readonly version: string;
  readonly release: { readonly commit: string | null; readonly region: string | null };
  /** How the caller's address is read from a request; undefined when it cannot be known. */
  readonly addressOf: (request: Request, socketAddress: string | undefined) => { readonly address: string; readonly network: string };
  readonly cronSecret: string | null;
  readonly schedules: Readonly<Record<string, () => Promise<object>>>;
  readonly health: () => Promise<{
    readonly ok: boolean;
    readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
  }>;
  /** A bug: told to the operator, never to the caller. */
  readonly report: (error: unknown, requestId: string) => void;
}

/** What Hono keeps of one request. `incoming` is there on Node only. */
export interface Bindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}
