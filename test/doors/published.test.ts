import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import { failures } from '../../src/operations/failures.ts';
import { exportPaths } from '../../src/routes/ledger-exports.ts';
import { ledgerActions, ledgerPages } from '../../src/web/ledger/pages.ts';
import { type OpenApiOperation, openapi } from '../support/contract.ts';
import { type Stage, stageOf } from '../support/examples.ts';
import { type FaultyWorld, openFaultyWorld } from '../support/faulty-world.ts';
import type { SendOptions, TestWorld } from '../support/world.ts';

const honoPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

let world: FaultyWorld;
let t: TestWorld;
let acme: Stage;
beforeAll(async () => {
  world = await openFaultyWorld();
  t = world.t;
  acme = await stageOf(t);
});

const get = (path: string, headers: Record<string, string> = {}, options: SendOptions = {}) => t.send('GET', path, { ...options, headers });

describe('health', () => {
  it('/healthz says that the process lives, without asking the database', async () => {
    const before = t.roundTrips();
    expect((await world.during('lost', () => get('/healthz'))).body).toEqual({ status: 'ok' });
    expect(t.roundTrips()).toBe(before);
  });

  it('/readyz says that everything is there, and what is not', async () => {
    const ready = await get('/readyz');
    expect([ready.status, ready.body.status]).toEqual([200, 'ready']);
    expect(ready.body.checks.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['database', 'migrations', 'row_security', 'roles', 'tenant', 'keys']),
    );
    for (const fault of ['lost', 'broken'] as const) {
      const gone = await world.during(fault, () => get('/readyz'));
      expect([gone.status, gone.body.status]).toEqual([503, 'not_ready']);
      expect(gone.body.checks).toMatchObject([{ name: 'database', ok: false, detail: expect.stringContaining('database') }]);
      expect(gone.text).not.toContain('a secret detail');
    }
  });

  it('/version says which release answers', async () => {
    expect((await get('/version')).body).toEqual({ version: '0.1.0', api: 'v1', commit: null, region: null });
  });
});

describe('schedules', () => {
  const secret = 'a cron secret of at least thirty-two bytes';

  it('run for whoever knows the secret, as often as they like', async () => {
    for (let i = 0; i < 2; i++) {
      const { status, body } = await get('/internal/cron/expire', { Authorization: `Bearer ${secret}` });
      expect([status, typeof body.expired]).toEqual([200, 'number']);
    }
  });

  it.each([{}, { Authorization: 'Bearer wrong' }, { Authorization: secret }, { Authorization: 'Bearer ' }])(
    'run for nobody else: %j',
    async (headers) => {
      expect((await get('/internal/cron/expire', headers)).status).toBe(401);
    },
  );

  it('are closed where there is no secret', async () => {
    const app = createApp({ ...t.world, cronSecret: null });
    for (const Authorization of ['Bearer ', 'Bearer null', 'Bearer undefined', 'Bearer']) {
      expect((await app.request('http://localhost/internal/cron/expire', { headers: { Authorization } })).status).toBe(401);
    }
  });
});

describe('what is said of failures', () => {
  it.each(Object.entries(failures))('%s has a page at the address that its problems name', async (code, { title, advice }) => {
    const { status, headers, text } = await get(`/docs/failures/${code}`);
    expect([status, headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain(title);
    expect(text).toContain(advice.replaceAll("'", '&#39;').replaceAll('"', '&quot;'));
  });

  it.each(['nothing', '__proto__', 'constructor', 'toString', '<script>alert(1)</script>'])('%s has none', async (code) => {
    const { status, body } = await get(`/docs/failures/${encodeURIComponent(code)}`);
    expect([status, body.code]).toEqual([404, 'resource.not_found']);
  });

  it('repeats nothing of a request but where it was wrong', async () => {
    const marker = 'MARKER<b>"7f3a"';
    const sent = await t.send('POST', `/v1/workspaces/provision?q=${encodeURIComponent(marker)}`, {
      key: acme.key,
      body: {
        prospect: { name: 7, domain: marker, contact_email: marker },
        schema: { format: marker, document: 7 },
        seed_rows: marker,
        [marker]: marker,
      },
    });
    expect(sent.body.errors.length).toBeGreaterThanOrEqual(6);
    const { errors, ...others } = sent.body;
    expect(JSON.stringify(others)).not.toContain('MARKER');
    expect(errors.filter(({ pointer, ...said }: { pointer: string }) => JSON.stringify(said).includes('MARKER'))).toEqual([]);
    for (const path of ['/v1/MARKER', '/v1/workspaces/MARKER']) {
      const { instance, ...rest } = (await get(path, {}, acme)).body;
      expect(instance).toBe(path);
      expect(JSON.stringify(rest)).not.toContain('MARKER');
    }
  });
});

describe('/openapi.json', () => {
  const entries = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): readonly [string, string, OpenApiOperation] => [method, path, operation]),
  );

  it('is what the service publishes, as OpenAPI 3.1', async () => {
    const { body } = await get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.paths).toEqual(openapi.paths);
  });

  it('names every operation of the catalogue exactly once', () => {
    expect(entries.map(([method, path, { operationId }]) => `${operationId} ${method} ${path}`).sort()).toEqual(
      catalogue
        .flatMap(({ name, rest }) => [
          ...(rest ? [`${name} ${rest.method} ${rest.path}`] : []),
          ...(rest?.stream ? [`${name.replace('list', 'stream')} get ${rest.stream}`] : []),
        ])
        .sort(),
    );
  });

  it('declares every parameter of every path, and leaves no reference open', () => {
    for (const [, path, { parameters = [] }] of entries) {
      const declared = parameters.filter((parameter) => parameter.in === 'path' && parameter.required).map(({ name }) => name);
      expect(declared.sort()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
    }
    const references = [...JSON.stringify(openapi).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? '');
    const open = references.filter(
      (reference) => !Object.hasOwn(openapi.components.schemas, reference.replace('#/components/schemas/', '')),
    );
    expect(open).toEqual([]);
  });

  it('and this list are all that is served', () => {
    const notOperations = [
      'OPTIONS /*',
      'ALL /*',
      'ALL /mcp',
      'GET /',
      'GET /.well-known/jwks.json',
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/oauth-protected-resource',
      'GET /.well-known/oauth-protected-resource/mcp',
      ...['authorization-server', 'protected-resource', 'protected-resource/mcp'].map((name) => `ALL /.well-known/oauth-${name}`),
      ...['GET /claim/:token', 'POST /claim/:token', 'GET /claim/:token/account', 'GET /claim/mailbox/:link', 'POST /claim/mailbox/:link'],
      'GET /docs',
      'GET /docs/failures/:code',
      'GET /healthz',
      ...['audit', 'drain', 'expire', 'qualify', 'reconcile', 'seal'].map((name) => `GET /internal/cron/${name}`),
      'GET /openapi.json',
      'GET /r/:code',
      'GET /readyz',
      'GET /version',
      // Those of OAuth, which the metadata of the authorization server names.
      ...['GET /oauth/authorize', 'POST /oauth/revoke', 'POST /oauth/token'],
      ...['authorize', 'revoke', 'token'].map((name) => `ALL /oauth/${name}`),
      // Where agents register themselves (auth.md), which capabilities name.
      ...['GET /auth.md', 'POST /agent/identity', 'POST /agent/identity/claim'],
      ...['/auth.md', '/agent/identity', '/agent/identity/claim'].map((path) => `ALL ${path}`),
      // Pages and forms of people.
      ...['GET /login', 'GET /login/:token', 'GET /login/oidc', 'GET /login/oidc/callback', 'POST /login', 'POST /login/:token'],
      ...['POST /logout', 'GET /link', 'POST /link'],
      ...['GET /partners/apply', 'POST /partners/apply', 'GET /step-up', 'POST /step-up'],
      ...['GET /account/passkeys', 'POST /account/passkeys', 'POST /account/passkeys/remove'],
      // The ledger: its pages and what can be done on them are values.
      ...ledgerPages.map(({ path }) => `GET ${honoPath(path)}`),
      ...exportPaths.map((path) => `GET ${path}`),
      ...ledgerActions.map(({ path }) => `POST ${honoPath(path)}`),
      ...['POST /ledger/preferences', 'POST /ledger/view-as', 'GET /ledger/live', 'GET /ledger/:page', 'GET /assets/:name'],
      // Stripe's own, and no operation of ours: docs/how-to/go-live-with-stripe.md.
      'POST /v1/webhooks/stripe',
      'ALL /v1/webhooks/stripe',
    ];
    const operations = entries.map(([method, path]) => `${method.toUpperCase()} ${honoPath(path)}`);
    const refusals = new Set(operations.map((route) => `ALL ${route.split(' ')[1]}`));
    const served = new Set(t.app.routes.map(({ method, path }) => `${method} ${path}`));
    expect([...served].sort()).toEqual([...operations, ...refusals, ...notOperations].sort());
  });
});
