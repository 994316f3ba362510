import { expect, it } from 'vitest';
import { buildRoutes } from '../scripts/build-routes.ts';
import type { Db } from '../src/db/batch.ts';
import { createWorld } from '../src/deps.ts';
import { stripeHands } from '../src/effects/stripe/hands.ts';
import { askingOperations, handsPaths } from '../src/hands-app.ts';
import vercel from '../vercel.json' with { type: 'json' };
import { sourceFiles } from './support/source-tree.ts';

const unused: Db = { batch: () => Promise.reject(new Error('nothing is asked here')), close: async () => {} };

/** Names of the operations that ask a payment provider, from their sources. */
const definedByAsking = (): string[] =>
  sourceFiles('src/operations')
    .flatMap(({ text }) => Array.from(text.matchAll(/\bdefineAsk\(\{\s*name: '(\w+)'/g), ([, name = '']) => name))
    .sort();

it('schedules exactly what can be scheduled', () => {
  const { schedules } = createWorld({
    db: unused,
    masterKey: new Uint8Array(32).fill(7),
    mode: 'postgres',
    cronSecret: undefined,
    trustedProxyHops: 0,
    payments: stripeHands(),
    release: { region: undefined, commit: undefined },
  });
  const paths = Object.keys(schedules).map((name) => `/internal/cron/${name}`);
  expect(vercel.crons.map(({ path }) => path).sort()).toEqual(paths.sort());
});

it('deploys what npm run build writes, never the repository itself', () => {
  expect(vercel).toMatchObject({ framework: null, buildCommand: 'npm run build', outputDirectory: 'public' });
});

it('leads what needs the payment provider to its own function, and everything else to the desk', () => {
  const routes = buildRoutes([
    { name: 'hands', paths: handsPaths },
    { name: 'index', paths: [] },
  ]);
  const functionOf = (path: string) => {
    const route = routes.find((each) => 'src' in each && new RegExp(each.src).test(path));
    return route && 'dest' in route ? route.dest : null;
  };
  for (const { path } of vercel.crons) expect(functionOf(path)).toBe('/hands');
  // Who asks the payment provider does it there, and nobody else is there.
  expect(askingOperations.map(({ name }) => name).sort()).toEqual(definedByAsking());
  for (const { rest } of askingOperations) expect(functionOf((rest?.path ?? '').replace(/\{\w+\}/g, 'ws_1'))).toBe('/hands');
  expect(functionOf('/v1/webhooks/stripe')).toBe('/hands');
  for (const path of [
    '/',
    '/v1/capabilities',
    '/v1/webhooks/stripe/more',
    '/v1/workspaces/ws_1',
    '/mcp',
    '/internal/cron',
    '/a/internal/cron/seal',
  ])
    expect(functionOf(path)).toBe('/index');
});
