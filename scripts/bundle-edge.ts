import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';

export interface EdgeBundle {
  /** Minified, in one file without imports. */
  readonly code: string;
  readonly gzipBytes: number;
  /** Bytes that each package, and our own code as `src`, put into the bundle; the largest first. */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * Bundles a file for the edge runtime: web-standard code, no Node modules.
 * @param entry a path from the root of the repository
 * @param form `module` keeps the exports of the entry. `handler` is a module whose default export is a function from Request to Response,
 * as the platform wants it, made from the entry's default export, an object with `fetch`. `script` is for a VM that evaluates no modules:
 * the entry's exports are then the global `edge`.
 * @throws with the list of problems when something it reaches cannot be bundled, for example because it imports a Node module
 */
export async function bundleEdge(entry: string, form: 'module' | 'handler' | 'script' = 'module'): Promise<EdgeBundle> {
  const handler = `import app from './${entry}';\nexport default (request, context) => app.fetch(request, {}, context);`;
  const { outputFiles, metafile } = await build({
    ...(form === 'handler' ? { stdin: { contents: handler, resolveDir: root } } : { entryPoints: [entry] }),
    ...(form === 'script' ? { format: 'iife', globalName: 'edge' } : { format: 'esm' }),
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    conditions: ['edge-light', 'worker', 'browser'],
    target: 'es2022',
    minify: true,
    treeShaking: true,
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [slimZod],
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined || outputFiles.length !== 1) throw new Error('The bundle is one file.');
  return { code: file.text, gzipBytes: gzipSync(file.contents, { level: 9 }).byteLength, parts: partsOf(metafile) };
}

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * What zod exports in one namespace, which no bundler can shake, and nothing here uses: the messages of all its languages (255 KB), its
 * compiler (which generates code from strings, so that it cannot run at the edge) and its reader of JSON Schema.
 */
const unusedOfZod: Readonly<Record<string, string>> = {
  'locales/index.js': `export { default as en } from './en.js';`,
  'classic/from-json-schema.js': `export function fromJSONSchema() { throw new Error('fromJSONSchema is not in the edge bundle'); }`,
  'core/compile.js': `
    export const INVALID = Symbol.for('zod.compile.invalid');
    export class ZodCompileAsyncError extends Error {}
    export class ZodCompileUnsupportedError extends Error {}
    const absent = () => { throw new Error('the compiler of zod is not in the edge bundle'); };
    export { absent as compile, absent as compileFn, absent as withParser };`,
};

const slimZod: Plugin = {
  name: 'slim-zod',
  setup({ onLoad, onEnd }) {
    const replaced = new Set<string>();
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/](?:locales|classic|core)[\\/][\w-]+\.js$/ }, ({ path }) => {
      const name = path.replaceAll('\\', '/').split('/zod/v4/')[1] ?? '';
      const contents = unusedOfZod[name];
      if (contents === undefined) return undefined;
      replaced.add(name);
      return { contents };
    });
    onEnd(() => {
      const gone = replaced.size === 0 ? [] : Object.keys(unusedOfZod).filter((name) => !replaced.has(name));
      return { errors: gone.map((name) => ({ text: `zod no longer has ${name}: look where it went` })) };
    });
  },
};

function partsOf(metafile: Metafile): EdgeBundle['parts'] {
  const sizes = new Map<string, number>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1] ?? 'src';
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}
