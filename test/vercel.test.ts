import { expect, it } from 'vitest';
import { buildRoutes, type Route } from '../scripts/build-routes.ts';
import { createApp } from '../src/app.ts';
import type { Db } from '../src/db/batch.ts';
import { createWorld } from '../src/deps.ts';
import { createDeskApp } from '../src/desk-app.ts';
import { stripeHands } from '../src/effects/stripe/hands.ts';
import { askingOperations, createHandsApp, handsPaths } from '../src/hands-app.ts';
import { createLedgerApp, ledgerPaths } from '../src/ledger-app.ts';
import { createLobbyApp, lobbyPaths } from '../src/lobby-app.ts';
import { createOfficeApp, officePaths } from '../src/office-app.ts';
import { createPeopleApp, pagePaths } from '../src/people-app.ts';
import { createReferenceApp } from '../src/reference-app.ts';
import { referencePaths } from '../src/routes/reference.ts';
import vercel from '../vercel.json' with { type: 'json' };
import { sourceFiles } from './support/source-tree.ts';

const unused: Db = { batch: () => Promise.reject(new Error('nothing is asked here')), close: async () => {} };

/** Names of the operations that ask a payment provider, from their sources. */
const definedByAsking = (): string[] =>
  sourceFiles('src/operations')
    .flatMap(({ text }) => Array.from(text.matchAll(/\bdefineAsk\(\{\s*name: '(\w+)'/g), ([, name = '']) => name))
    .sort();

const world = createWorld({
  db: unused,
  masterKey: new Uint8Array(32).fill(7),
  mode: 'postgres',
  cronSecret: undefined,
  trustedProxyHops: 0,
  payments: stripeHands(),
  release: { region: undefined, commit: undefined },
});

const routes = buildRoutes([
  { name: 'hands', paths: handsPaths },
  { name: 'lobby', paths: lobbyPaths },
  { name: 'office', paths: officePaths },
  { name: 'ledger', paths: ledgerPaths },
  { name: 'reference', paths: referencePaths },
  { name: 'people', paths: pagePaths },
  { name: 'index', paths: [] },
]);

/** Where the platform leads a request, by the first route that fits. */
function functionOf(path: string, headers: readonly string[] = [], among = routes): string | null {
  const fits = (route: Route) =>
    'dest' in route && new RegExp(route.src).test(path) && (route.has ?? []).every(({ key }) => headers.includes(key));
  const route = among.find(fits);
  return route && 'dest' in route ? route.dest : null;
}

it('schedules exactly what can be scheduled', () => {
  const { schedules } = world;
  const paths = Object.keys(schedules).map((name) => `/internal/cron/${name}`);
  expect(vercel.crons.map(({ path }) => path).sort()).toEqual(paths.sort());
});

it('deploys what npm run build writes, never the repository itself', () => {
  expect(vercel).toMatchObject({ framework: null, buildCommand: 'npm run build', outputDirectory: 'public' });
});

it('leads what needs the payment provider to its own function, and nothing that only looks like it', () => {
  for (const { path } of vercel.crons) expect(functionOf(path)).toBe('/hands');
  // Who asks the payment provider does it there, and nobody else is there.
  expect(askingOperations.map(({ name }) => name).sort()).toEqual(definedByAsking());
  for (const path of ['/v1/webhooks/stripe/more', '/internal/cron', '/a/internal/cron/seal', '/claim/a/b', '/docs/failures'])
    expect(functionOf(path)).toBe('/index');
});

it('leads every call that Node answers to the one function that answers it', () => {
  const served = {
    '/hands': createHandsApp(world),
    '/lobby': createLobbyApp(world),
    '/ledger': createLedgerApp(world),
    '/office': createOfficeApp(world),
    '/reference': createReferenceApp(),
    '/people': createPeopleApp(world),
    '/index': createDeskApp(world),
  };
  const endpoints = ({ routes: all }: ReturnType<typeof createApp>) =>
    new Set(all.filter(({ path }) => !path.endsWith('*')).map(({ method, path }) => `${method} ${path}`));
  const answers = Object.fromEntries(Object.entries(served).map(([dest, app]) => [dest, endpoints(app)]));
  // Files for browsers lie beside the functions.
  const whole = [...endpoints(createApp(world))].filter((endpoint) => !endpoint.includes(' /assets/'));
  const lost = whole.filter((endpoint) => {
    const path = endpoint.split(' ')[1]?.replace(/:\w+/g, 'x_1') ?? '';
    return !answers[functionOf(path) ?? '']?.has(endpoint);
  });
  expect(lost).toEqual([]);
  // And no function has a door of its own that Node has not.
  expect(Object.values(answers).flatMap((own) => [...own].filter((endpoint) => !whole.includes(endpoint)))).toEqual([]);
});

it('leads a request by a header where a function asks for one, before the same path without it', () => {
  const signed = buildRoutes([
    { name: 'plain', paths: ['/v1/things/{id}'] },
    { name: 'signed', paths: [{ path: '/v1/things/{id}', withHeader: 'Signature-Input' }] },
    { name: 'index', paths: [] },
  ]);
  expect(signed[0]).toEqual({ src: '^/v1/things/[^/]+$', has: [{ type: 'header', key: 'signature-input' }], dest: '/signed' });
  expect(functionOf('/v1/things/a', ['signature-input'], signed)).toBe('/signed');
  expect(functionOf('/v1/things/a', [], signed)).toBe('/plain');
  expect(functionOf('/v1/others', ['signature-input'], signed)).toBe('/index');
});

it('refuses that two functions claim the same way', () => {
  const claim = (name: string) => ({ name, paths: ['/docs', { path: '/v1/things', withHeader: 'signature-input' }] });
  expect(() => buildRoutes([claim('lobby'), claim('hands')])).toThrow(/More than one function/);
});
