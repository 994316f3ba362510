import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync, transformSync } from 'esbuild';

/** A file for browsers as it is served. */
export interface BrowserAsset {
  readonly name: string;
  readonly content: string;
}

/**
 * What browsers get, always the same bytes for the same sources: our stylesheet and scripts made small, and htmx with its extension for
 * server-sent events as they come.
 */
export function browserAssets(): readonly BrowserAsset[] {
  const made = [
    { name: 'frontdesk.css', content: transformSync(read('src/browser/frontdesk.css'), { loader: 'css', minify: true }).code },
    { name: 'frontdesk.js', content: bundled('src/browser/frontdesk.ts') },
    { name: 'passkey.js', content: bundled('src/browser/passkey.ts') },
    { name: 'verify.js', content: bundled('src/browser/verify.ts') },
    { name: 'verifier.js', content: bundled('src/browser/verifier.ts') },
    { name: 'htmx.js', content: ['htmx.min.js', 'ext/hx-sse.min.js'].map(library).join('\n') },
  ];
  return made.map(({ name, content }) => ({ name, content: `${content.trimEnd()}\n` }));
}

/** Names with a hash of the content: what is at such an address never changes. */
export function assetNamesFile(assets: readonly BrowserAsset[]): string {
  const lines = assets.map(({ name, content }) => `  '${name}': '${hashed(name, content)}',`);
  return [
    '/** Made by `npm run emit` from `src/browser/` and htmx: the names under which browsers get them. */',
    'export const assetNames = {',
    ...lines,
    '} as const;',
    '',
  ].join('\n');
}

export function hashed(name: string, content: string): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return name.replace('.', `-${hash}.`);
}

function bundled(entry: string): string {
  const { outputFiles } = buildSync({
    ...{ entryPoints: [entry], absWorkingDir: root, bundle: true, write: false, minify: true, format: 'iife', platform: 'browser' },
    ...{ target: 'es2022', legalComments: 'none', charset: 'utf8' },
  });
  return outputFiles[0]?.text ?? '';
}

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const library = (file: string): string => read(`node_modules/htmx.org/dist/${file}`).replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '');
