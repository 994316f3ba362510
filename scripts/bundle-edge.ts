import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile, type Plugin } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };
import * as referenceDocuments from '../src/routes/reference-documents.ts';
import * as pageAccess from '../src/web/ledger/page-access.ts';

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
    plugins: [leaveOut],
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined || outputFiles.length !== 1) throw new Error('The bundle is one file.');
  return { code: file.text, gzipBytes: gzipSync(file.contents, { level: 9 }).byteLength, parts: partsOf(metafile) };
}

const root = fileURLToPath(new URL('../', import.meta.url));

interface Unused {
  readonly library: string;
  /** Below the library's folder; names that carry a hash of their content are matched without it. */
  readonly file: RegExp;
  /** What stands in its place, with the same exports. */
  readonly instead: (source: string) => string;
}

/** Throws when it is called, constructed or read: what was left out by mistake is heard of. */
const absent = (name: string): string => {
  const no = `() => { throw new Error('${name} is not in the edge bundle'); }`;
  return `/* @__PURE__ */ new Proxy(class {}, { apply: ${no}, construct: ${no}, get: ${no} })`;
};

/**
 * What the libraries hold together so that no bundler can shake it, and nothing here uses.
 *
 * The MCP server names its high-level server to ask whether it was handed one (`src/mcp/protocol.ts` hands it the low-level one), its
 * validator of JSON Schema to check the answers to elicitations (nothing is elicited), and a table of validators for applications. The
 * WebAuthn server judges what makers of authenticators attest, and reads certificates for it; `src/access/passkeys.ts` hands it neither.
 */
const unused: readonly Unused[] = [
  { library: 'tldts', file: /^dist\/es6\/src\/data\/trie\.js$/, instead: lengthsAsDigits },
  { library: '@modelcontextprotocol/core', file: /^dist\/(?:auth|schemas)-[\w-]+\.mjs$/, instead: withoutUnusedSchemas },
  {
    library: '@modelcontextprotocol/server',
    file: /^dist\/cfWorkerProvider-[\w-]+\.mjs$/,
    instead: () => `
      class CfWorkerJsonSchemaValidator { getValidator() { throw new Error('the validator of MCP is not in the edge bundle'); } }
      export { CfWorkerJsonSchemaValidator as t };`,
  },
  {
    library: '@modelcontextprotocol/server',
    file: /^dist\/mcp-[\w-]+\.mjs$/,
    instead: (source) =>
      withoutRegion(
        source,
        'src/server/mcp.ts',
        `class McpServer { constructor() { throw new Error('McpServer is not in the edge bundle'); } }
        const ResourceTemplate = ${absent('ResourceTemplate')};`,
      ),
  },
  {
    library: '@modelcontextprotocol/server',
    file: /^dist\/src-[\w-]+\.mjs$/,
    instead: (source) =>
      withoutRegion(
        source,
        '../core-internal/src/types/specTypeSchema.ts',
        `const specTypeSchemas = ${absent('specTypeSchemas')}, isSpecType = ${absent('isSpecType')};`,
      ),
  },
  {
    library: '@simplewebauthn/server',
    file: /^esm\/(?:registration\/verifications\/(?:tpm\/)?verifyAttestation|helpers\/(?:validateCert|isCert|convertX509|getCert|validateExt|mapX509))\w+\.js$/,
    instead: withoutExports,
  },
];

/** A module of which only the names are left. */
function withoutExports(source: string): string {
  const names = [...source.matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name = '']) => name);
  if (names.length === 0) throw new Error('there are no exports');
  return names.map((name) => `export const ${name} = ${absent(name)};`).join('\n');
}

/** Each schema made by a function of its own that is marked as pure: then the bundler leaves out those that nothing names. */
function withoutUnusedSchemas(source: string): string {
  const marked = source.replace(
    /^const (\w+Schema) = (.*(?:\n[\t}\])].*)*);$/gm,
    (_, name: string, made: string) => `const ${name} = /* @__PURE__ */ (() => ${made})();`,
  );
  if (marked === source) throw new Error('there are no schemas at the top level any more');
  return marked;
}

/** The lengths of the labels of the public suffix list as digits of base 36, without commas: a fifth less after compression. */
function lengthsAsDigits(source: string): string {
  const list = /export const edgeLength = \/\*#__PURE__\*\/ (new Uint8Array\(\[([\d, ]+)\]\));/.exec(source);
  const lengths = (list?.[2] ?? '').split(',').map(Number);
  if (list?.[1] === undefined || lengths.some((one) => one >= 36))
    throw new Error('the lengths of labels are not there, or longer than a digit');
  return replaced(source, list[1], `Uint8Array.from('${lengths.map((one) => one.toString(36)).join('')}', (digit) => parseInt(digit, 36))`);
}

function replaced(source: string, part: string | RegExp, by: string): string {
  if (source.split(part).length !== 2) throw new Error(`not found, or not once: ${part}`);
  return source.replace(part, () => by);
}

/** The libraries' own bundler left these comments around each module. Throws when anything else stands on more of it than `by` declares. */
function withoutRegion(source: string, name: string, by: string): string {
  const [before = '', rest] = source.split(`//#region ${name}\n`);
  if (rest === undefined) throw new Error(`there is no region ${name}`);
  const region = rest.slice(0, rest.indexOf('//#endregion'));
  const others = (before + rest.slice(region.length)).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const missing = [...region.matchAll(/^(?:var|let|const|(?:async )?function\*?|class) (\w+)/gm)]
    .map(([, declared = '']) => new RegExp(`\\b${declared}\\b`))
    .filter((declared) => declared.test(others) && !declared.test(by));
  if (missing.length > 0) throw new Error(`${name} is used for more than before: ${missing.join(' ')}`);
  return `${before}${by}\n${rest.slice(region.length)}`;
}

const librariesWithUnused =
  /[\\/]node_modules[\\/](?:tldts|@modelcontextprotocol[\\/](?:core|server)|@simplewebauthn[\\/]server)[\\/].*\.m?js$/;

/** Texts that are the same for every caller: the bundle holds what these functions answer, and so not the whole catalogue for its sake. */
function withTexts(made: Readonly<Record<string, (version: string) => string>>): string {
  return Object.entries(made)
    .map(([name, make]) => `export const ${name} = () => ${JSON.stringify(make(packageJson.version))};`)
    .join('\n');
}

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad, onEnd, onResolve, resolve }) {
    const done = new Set<Unused>();
    // It computes tables from the public suffix list when it is loaded, so it would stay where nobody asks for a domain.
    onResolve({ filter: /^tldts$/ }, async ({ path, pluginData, ...from }) =>
      pluginData === 'resolved' ? undefined : { ...(await resolve(path, { ...from, pluginData: 'resolved' })), sideEffects: false },
    );
    onLoad({ filter: librariesWithUnused }, async ({ path }) => {
      const found = unused.find(({ library, file }) => file.test(path.replaceAll('\\', '/').split(`/node_modules/${library}/`)[1] ?? ''));
      if (found === undefined) return undefined;
      done.add(found);
      return { contents: found.instead(await readFile(path, 'utf8')) };
    });
    onLoad({ filter: /[\\/]reference-documents\.ts$/ }, () => ({ contents: withTexts(referenceDocuments) }));
    onLoad({ filter: /[\\/]page-access\.ts$/ }, () => ({ contents: withTexts(pageAccess) }));
    // Of our own package.json its version is shown, and nothing else of it has to leave the house.
    onLoad({ filter: /[\\/]package\.json$/ }, ({ path }) =>
      path === join(root, 'package.json') ? { contents: JSON.stringify({ version: packageJson.version }), loader: 'json' } : undefined,
    );
    onEnd(({ metafile }) => {
      const inputs = Object.keys(metafile?.inputs ?? {});
      const gone = unused.filter((one) => !done.has(one) && inputs.some((input) => input.includes(`node_modules/${one.library}/`)));
      return { errors: gone.map(({ library, file }) => ({ text: `${library} no longer has ${file}: look where it went` })) };
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
