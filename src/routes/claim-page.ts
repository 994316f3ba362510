import type { Hono } from 'hono';
import { ok } from '../domain/result.ts';
import { kindOfSecret, secretHash } from '../domain/secret.ts';
import { perform } from '../operations/perform.ts';
import { previewClaim } from '../operations/workspaces/preview-claim.ts';
import { claimPage, goneClaimPage } from '../web/claim-pages.ts';
import { answerPage } from './page.ts';
import { callOf } from './rest.ts';
import type { Bindings, World } from './world.ts';

/** What `mountClaimPage` answers, as OpenAPI writes paths. */
export const claimPath = '/claim/{token}';

/** The page behind a claim link. */
export function mountClaimPage(app: Hono<{ Bindings: Bindings }>, world: World): void {
  app.get('/claim/:token', async (c) => {
    const request = c.req.raw;
    const token = c.req.param('token');
    if (kindOfSecret(token) !== 'clm') return answerPage(request, goneClaimPage(), 404);
    const call = { ...callOf(c, world, false), credential: { kind: 'claim_token' as const, hash: secretHash(token) } };
    const outcome = await perform(previewClaim, world.deps, call, ok({}));
    return outcome.ok
      ? answerPage(request, claimPage(outcome.output, outcome.desk?.name ?? ''))
      : answerPage(request, goneClaimPage(), 404);
  });
}
