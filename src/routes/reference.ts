import type { Hono } from 'hono';
import { sha256Hex } from '../domain/canonical.ts';
import { failures } from '../operations/failures.ts';
import { failurePage } from '../web/reference-pages.ts';
import { answerPage } from './page.ts';
import { openApiText, referenceHtml } from './reference-documents.ts';
import { refusal, renderPublished, requestIdOf } from './respond.ts';
import type { Bindings, World } from './world.ts';

/** What `mountReference` answers, as OpenAPI writes paths. */
export const referencePaths: readonly string[] = ['/openapi.json', '/docs', '/docs/failures/{code}'];

/** The catalogue as a document for machines and as pages for people: the same for every tenant, made when first asked for. */
export function mountReference(app: Hono<{ Bindings: Bindings }>, world: Pick<World, 'version'>): void {
  const openapi = once(() => {
    const body = openApiText(world.version);
    return { body, contentType: 'application/json', etag: `"${sha256Hex(body)}"`, immutable: false };
  });
  app.get('/openapi.json', (c) => renderPublished(c.req.raw, requestIdOf(c.req.raw), openapi()));
  const reference = once(() => referenceHtml(world.version));
  app.get('/docs', (c) => answerPage(c.req.raw, reference()));
  app.get('/docs/failures/:code', (c) => {
    const code = c.req.param('code');
    const failure = Object.entries(failures).find(([name]) => name === code);
    return failure
      ? answerPage(c.req.raw, failurePage(failure[0], failure[1]))
      : refusal(c.req.raw, requestIdOf(c.req.raw), 'resource.not_found');
  });
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
