import * as z from 'zod';
import { sha256Hex } from '../../domain/canonical.ts';
import { ok } from '../../domain/result.ts';
import { secretHash } from '../../domain/secret.ts';
import { usableLink } from '../../domain/sign-in.ts';
import { defineWrite } from '../operation.ts';
import { browserNonce, linkToken } from './schemas.ts';

/** What a sign-in link would do. Nothing is written: mail scanners follow links. It looks as the writer, whom alone links are shown to. */
export const previewSignIn = defineWrite({
  name: 'preview_sign_in',
  title: 'Look at a sign-in link',
  summary: 'Whom a sign-in link is for',
  description: 'Shows whom a sign-in link is for, and whether it can be used in this browser. Changes nothing.',
  rest: null,
  mcp: false,
  access: { scope: null, anonymous: true, limit: 'link' },
  input: z.strictObject({ token: linkToken, browser: browserNonce.nullable() }),
  output: z.strictObject({ email: z.string() }),
  failures: ['resource.not_found', 'state.forbidden'],
  sideEffect: 'none',
  keyed: false,
  load: (queries, { input }) => ({ link: queries.signInLink(secretHash(input.token)) }),
  decide({ link }, { input, now }) {
    const usable = usableLink(link, input.browser && sha256Hex(input.browser), now);
    return usable.ok ? ok({ dry: true as const, changes: {}, result: { email: usable.value.email } }) : usable;
  },
  view: (result) => result,
});
