import { expect, it } from 'vitest';
import type { Db } from '../src/db/batch.ts';
import { createWorld } from '../src/deps.ts';
import vercel from '../vercel.json' with { type: 'json' };

const unused: Db = { batch: () => Promise.reject(new Error('nothing is asked here')), close: async () => {} };

it('schedules exactly what can be scheduled', () => {
  const { schedules } = createWorld({
    db: unused,
    masterKey: new Uint8Array(32).fill(7),
    mode: 'postgres',
    cronSecret: undefined,
    trustedProxyHops: 0,
    release: { region: undefined, commit: undefined },
  });
  const paths = Object.keys(schedules).map((name) => `/internal/cron/${name}`);
  expect(vercel.crons.map(({ path }) => path).sort()).toEqual(paths.sort());
});

it('deploys what npm run build writes, never the repository itself', () => {
  expect(vercel).toMatchObject({ framework: null, buildCommand: 'npm run build', outputDirectory: 'public' });
});
