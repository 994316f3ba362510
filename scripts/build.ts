import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { environment } from '../src/environment.ts';
import { handsPaths } from '../src/hands-app.ts';
import { ledgerPaths } from '../src/ledger-app.ts';
import { lobbyPaths } from '../src/lobby-app.ts';
import { officePaths } from '../src/office-app.ts';
import { pagePaths } from '../src/people-app.ts';
import { referencePaths } from '../src/routes/reference.ts';
import { browserAssets, hashed } from './browser-assets.ts';
import { buildRoutes } from './build-routes.ts';
import { bundleEdge, type EdgeBundle } from './bundle-edge.ts';

/** Largest edge bundle after gzip, in bytes. */
const limit = 300_000;

/** What is used of `vercel.json`, so that region and schedules are said once. */
const Settings = z.object({
  regions: z.array(z.string()).min(1),
  crons: z.array(z.object({ path: z.string(), schedule: z.string() })),
});

/** The platform's functions. Those with paths are led to before the one without, which takes everything else. */
const functions = [
  { name: 'hands', entry: 'src/hands.ts', paths: handsPaths },
  { name: 'lobby', entry: 'src/lobby.ts', paths: lobbyPaths },
  { name: 'office', entry: 'src/office.ts', paths: officePaths },
  // Behind the office: whatever else stands below its pages is nothing, and it says so.
  { name: 'ledger', entry: 'src/ledger.ts', paths: ledgerPaths },
  { name: 'reference', entry: 'src/reference.ts', paths: referencePaths },
  { name: 'people', entry: 'src/people.ts', paths: pagePaths },
  { name: 'index', entry: 'src/index.ts', paths: [] },
] as const;

/**
 * `npm run build`: each platform entry as one file in `dist/edge`, and around them the folder that `vercel deploy --prebuilt` takes
 * (Build Output API, version 3). The platform's builder runs it too and takes that folder instead of tracing modules by itself.
 */
async function main(): Promise<number> {
  const bundles: (readonly [string, EdgeBundle])[] = [];
  for (const { name, entry } of functions) bundles.push([name, await bundleEdge(entry, 'handler')]);
  for (const [name, bundle] of bundles) report(name, bundle);
  if (bundles.some(([, { gzipBytes }]) => gzipBytes > limit)) {
    console.error(`An edge bundle may have ${kilobytes(limit)} after gzip.`);
    return 1;
  }
  writeBuildOutput(bundles.map(([name, { code }]) => [name, code]));
  return 0;
}

function writeBuildOutput(bundles: readonly (readonly [name: string, code: string])[]): void {
  const { regions, crons } = Settings.parse(JSON.parse(readFileSync(at('vercel.json'), 'utf8')));
  const output = '.vercel/output';
  rmSync(at(output), { recursive: true, force: true });
  const [region, ...others] = regions;
  writeJson(`${output}/config.json`, {
    version: 3,
    routes: buildRoutes(functions),
    // The platform's own builder adds those of vercel.json itself, and would have each twice.
    crons: process.env.VERCEL === undefined ? crons : [],
  });
  for (const { name, content } of browserAssets()) write(`${output}/static/assets/${hashed(name, content)}`, content);
  for (const [name, code] of bundles) {
    writeJson(`${output}/functions/${name}.func/.vc-config.json`, {
      runtime: 'edge',
      deploymentTarget: 'v8-worker',
      entrypoint: 'index.js',
      regions: others.length === 0 ? region : regions,
      envVarsInUse: environment.keyof().options,
    });
    write(`${output}/functions/${name}.func/index.js`, code);
    write(`dist/edge/${name}.js`, code);
  }
}

function report(name: string, { code, gzipBytes, parts }: EdgeBundle): void {
  const raw = new TextEncoder().encode(code).byteLength;
  for (const part of parts.slice(0, 8)) console.log(`${kilobytes(part.bytes).padStart(10)}  ${part.name}`);
  console.log(`${kilobytes(raw).padStart(10)}  edge bundle ${name}, minified`);
  console.log(`${kilobytes(gzipBytes).padStart(10)}  edge bundle ${name}, after gzip (limit ${kilobytes(limit)})`);
}

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`;
const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

function writeJson(path: string, value: unknown): void {
  write(path, `${JSON.stringify(value, null, 2)}\n`);
}

function write(path: string, content: string): void {
  mkdirSync(new URL('.', at(path)), { recursive: true });
  writeFileSync(at(path), content);
}

process.exitCode = await main();
