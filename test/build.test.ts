import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { bundleEdge, type EdgeBundle } from '../scripts/bundle-edge.ts';
import { registrableDomain } from '../src/domain/prospect.ts';
import { catalogue } from '../src/operations/catalogue.ts';
import { openApiDocument } from '../src/routes/openapi.ts';
import { referencePage } from '../src/web/reference-pages.ts';

/** Where agents work. */
let desk: EdgeBundle;
/** The one that works with Stripe. */
let hands: EdgeBundle;
/** Where agents and organizations become known. */
let lobby: EdgeBundle;
/** Where people sign in. */
let people: EdgeBundle;
/** Where people read the ledger. */
let ledger: EdgeBundle;
/** Where people see who is owed what, and who may act. */
let office: EdgeBundle;
/** What all of it is, for machines and people. */
let reference: EdgeBundle;

beforeAll(async () => {
  [desk, hands, lobby, people, ledger, office, reference] = await Promise.all([
    bundleEdge('src/index.ts', 'handler'),
    bundleEdge('src/hands.ts', 'handler'),
    bundleEdge('src/lobby.ts', 'handler'),
    bundleEdge('src/people.ts', 'handler'),
    bundleEdge('src/ledger.ts', 'handler'),
    bundleEdge('src/office.ts', 'handler'),
    bundleEdge('src/reference.ts', 'handler'),
  ]);
});

afterAll(() => {
  vi.unstubAllEnvs();
});

const namesIn = ({ parts }: EdgeBundle): string[] => parts.map(({ name }) => name);

describe('the files that are deployed', () => {
  it('are one file each, of at most 300 KB after gzip', () => {
    for (const { gzipBytes, code } of [desk, hands, lobby, people, ledger, office, reference]) {
      expect(gzipBytes).toBeLessThanOrEqual(300_000);
      expect(code).not.toMatch(/(?:^|;)import[{\s"*]|\brequire\(/);
    }
  });

  it('hold none of what runs on Node only, and nothing of the stand-in for Stripe', () => {
    for (const each of [desk, hands, lobby, people, ledger, office, reference]) {
      const names = namesIn(each);
      expect(names).toContain('src');
      expect(names.filter((name) => ['pg', '@electric-sql/pglite', '@hono/node-server', 'drizzle-orm', 'ajv'].includes(name))).toEqual([]);
      expect(each.code).not.toContain('_control/');
    }
  });

  it('say of package.json the version alone', () => {
    expect([desk, hands, lobby, people, ledger, office, reference].filter(({ code }) => code.includes('devDependencies'))).toEqual([]);
  });

  it('have the package of Stripe, MCP and passkeys in one each, and what makes the OpenAPI document in none', () => {
    const seldom = ['stripe', '@modelcontextprotocol/server', '@simplewebauthn/server', '@asteasolutions/zod-to-openapi'];
    expect(
      [desk, hands, lobby, people, ledger, office, reference].map((each) => seldom.filter((name) => namesIn(each).includes(name))),
    ).toEqual([['@modelcontextprotocol/server'], ['stripe'], [], ['@simplewebauthn/server'], [], [], []]);
  });

  it('answer as the sources do, by a function from Request to Response', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://reader:secret@db.example.com/desk');
    vi.stubEnv('FRONTDESK_MASTER_KEY', 'dJ8wqN2xv0Zk3sYtLr7GmPb5QhXc1EfUa9oTiRjKl4M');
    vi.stubEnv('CRON_SECRET', 'Zp4vKc9RrT1mWq8sXj2LbN6yHd0GfUe5AoIi3tQxMkE');
    const handler: unknown = (await import(`data:text/javascript;base64,${Buffer.from(reference.code).toString('base64')}`)).default;
    if (typeof handler !== 'function') throw new Error('the default export is no function');
    const ask = (path: string): Promise<Response> => handler(new Request(`https://desk.example.com${path}`), {});
    const answer = await ask('/openapi.json');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(catalogue, packageJson.version))));
    expect(await (await ask('/docs')).text()).toBe(referencePage(catalogue));
  });

  it('find the registrable domain that the sources find, though the public suffix list is written shorter', async () => {
    const { code } = await bundleEdge('src/domain/prospect.ts');
    const bundled: typeof import('../src/domain/prospect.ts') = await import(
      `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
    );
    const hosts = [
      'a.b.example.com',
      'shop.example.co.uk',
      'x.vercel.app',
      'a.city.kawasaki.jp',
      'www.ck',
      'a.b.ck',
      'mäkelä.example.fi',
      'com',
    ];
    expect(hosts.map(bundled.registrableDomain)).toEqual(hosts.map(registrableDomain));
    expect(bundled.registrableDomain('a.b.xn--vermgensberatung-pwb')).toBe('b.xn--vermgensberatung-pwb');
  });
});
