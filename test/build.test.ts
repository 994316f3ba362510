import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { bundleEdge, type EdgeBundle } from '../scripts/bundle-edge.ts';
import { catalogue } from '../src/operations/catalogue.ts';
import { openApiDocument } from '../src/routes/openapi.ts';

let bundle: EdgeBundle;

beforeAll(async () => {
  bundle = await bundleEdge('src/index.ts', 'handler');
});

afterAll(() => {
  vi.unstubAllEnvs();
});

describe('the file that is deployed', () => {
  it('is one file of at most 300 KB after gzip', () => {
    expect(bundle.gzipBytes).toBeLessThanOrEqual(300_000);
    expect(bundle.code).not.toMatch(/(?:^|;)import[{\s"*]|\brequire\(/);
  });

  it('holds none of what runs on Node only', () => {
    const names = bundle.parts.map(({ name }) => name);
    expect(names).toContain('src');
    expect(names.filter((name) => ['pg', '@electric-sql/pglite', '@hono/node-server', 'drizzle-orm', 'ajv'].includes(name))).toEqual([]);
  });

  it('answers as the sources do, by a function from Request to Response', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://reader:secret@db.example.com/desk');
    vi.stubEnv('FRONTDESK_MASTER_KEY', 'dJ8wqN2xv0Zk3sYtLr7GmPb5QhXc1EfUa9oTiRjKl4M');
    vi.stubEnv('CRON_SECRET', 'Zp4vKc9RrT1mWq8sXj2LbN6yHd0GfUe5AoIi3tQxMkE');
    const handler: unknown = (await import(`data:text/javascript;base64,${Buffer.from(bundle.code).toString('base64')}`)).default;
    if (typeof handler !== 'function') throw new Error('the default export is no function');
    const answer: Response = await handler(new Request('https://desk.example.com/openapi.json'), {});
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(catalogue, packageJson.version))));
  });
});
