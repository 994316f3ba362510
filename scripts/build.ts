import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { environment } from '../src/config.ts';
import { bundleEdge, type EdgeBundle } from './bundle-edge.ts';

/** Largest edge bundle after gzip, in bytes. */
const limit = 300_000;

/** What is used of `vercel.json`, so that region and schedules are said once. */
const Settings = z.object({
  regions: z.array(z.string()).min(1),
  crons: z.array(z.object({ path: z.string(), schedule: z.string() })),
});

/**
 * `npm run build`: the platform entry as one file in `dist/edge`, and around it the folder that `vercel deploy --prebuilt` takes
 * (Build Output API, version 3). The platform's builder runs it too and takes that folder instead of tracing modules by itself.
 */
async function main(): Promise<number> {
  const bundle = await bundleEdge('src/index.ts', 'handler');
  report(bundle);
  if (bundle.gzipBytes > limit) {
    console.error(`The edge bundle may have ${kilobytes(limit)} after gzip.`);
    return 1;
  }
  write('dist/edge/index.js', bundle.code);
  writeBuildOutput(bundle.code);
  return 0;
}

function writeBuildOutput(code: string): void {
  const { regions, crons } = Settings.parse(JSON.parse(readFileSync(at('vercel.json'), 'utf8')));
  const output = '.vercel/output';
  rmSync(at(output), { recursive: true, force: true });
  const [region, ...others] = regions;
  writeJson(`${output}/config.json`, {
    version: 3,
    routes: [{ handle: 'filesystem' }, { src: '/.*', dest: '/index' }],
    // The platform's own builder adds those of vercel.json itself, and would have each twice.
    crons: process.env.VERCEL === undefined ? crons : [],
  });
  writeJson(`${output}/functions/index.func/.vc-config.json`, {
    runtime: 'edge',
    deploymentTarget: 'v8-worker',
    entrypoint: 'index.js',
    regions: others.length === 0 ? region : regions,
    envVarsInUse: environment.keyof().options,
  });
  write(`${output}/functions/index.func/index.js`, code);
}

function report({ code, gzipBytes, parts }: EdgeBundle): void {
  const raw = new TextEncoder().encode(code).byteLength;
  for (const { name, bytes } of parts.slice(0, 8)) console.log(`${kilobytes(bytes).padStart(10)}  ${name}`);
  console.log(`${kilobytes(raw).padStart(10)}  edge bundle, minified`);
  console.log(`${kilobytes(gzipBytes).padStart(10)}  edge bundle, after gzip (limit ${kilobytes(limit)})`);
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
