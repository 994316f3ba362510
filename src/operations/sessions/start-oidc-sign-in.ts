import * as z from 'zod';
import { ok, refuse } from '../../domain/result.ts';
import { providerSeconds } from '../../domain/sign-in.ts';
import { defineWrite } from '../operation.ts';
import { seconds } from './schemas.ts';

/** Leaves for the identity provider. Nothing is recorded here: what must be remembered goes with the browser, sealed. */
export const startOidcSignIn = defineWrite({
  name: 'start_oidc_sign_in',
  title: 'Sign in at the provider',
  summary: 'Leave for the identity provider',
  description: 'Answers where a browser goes to sign in at the identity provider of this desk, and what it keeps until it comes back.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'sign_in' },
  input: z.strictObject({}),
  output: z.strictObject({ location: z.string(), kept: z.string(), expires_in: seconds }),
  failures: ['resource.not_found', 'upstream.unavailable'],
  sideEffect: 'none',
  keyed: false,
  prove: async (_, { desk: { tenant, origin }, now }, { signIn }) =>
    signIn ? signIn.begin({ tenant, origin, now }) : refuse('resource.not_found'),
  decide: (_, { proven }) => ok({ dry: true as const, changes: {}, result: proven }),
  view: (result) => ({ ...result, expires_in: providerSeconds }),
});
