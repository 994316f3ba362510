import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { ok, refuse } from '../../domain/result.ts';
import { providerSeconds } from '../../domain/sign-in.ts';
import { defineWrite } from '../operation.ts';

/**
 * A browser comes back from the identity provider. What it kept is used up by this, whether or not anybody is known by what the provider
 * says; `finish_oidc_sign_in` decides that.
 */
export const proveOidcSignIn = defineWrite({
  name: 'prove_oidc_sign_in',
  title: 'Come back from the provider',
  summary: 'Whom the identity provider vouches for',
  description: 'Redeems the code that the identity provider gave, and answers whom it vouches for.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'sign_in' },
  input: z.strictObject({ answer: z.string().max(8192), kept: z.string().max(4096) }),
  output: z.strictObject({ issuer: z.string(), subject: z.string(), email: z.string().nullable() }),
  failures: ['auth.invalid', 'resource.not_found', 'upstream.unavailable'],
  sideEffect: 'irreversible',
  keyed: false,
  load: (queries, { input }) => ({ spent: queries.spent('sign_in', sha256Hex(input.kept)) }),
  async prove({ spent }, { input, desk: { tenant, origin }, now }, { signIn }) {
    if (!signIn) return refuse('resource.not_found');
    return spent === null ? signIn.finish({ ...input, tenant, origin, now }) : refuse('auth.invalid');
  },
  decide(_, { input, proven }, { now }) {
    const expires_at = new Date(now.getTime() + providerSeconds * 1000).toISOString();
    return ok({ changes: { spent: [{ kind: 'sign_in' as const, digest: sha256Hex(input.kept), expires_at }] }, result: proven });
  },
  view: (result) => result,
});
