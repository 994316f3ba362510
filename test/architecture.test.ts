import { describe, expect, it } from 'vitest';
import { catalogue } from '../src/operations/catalogue.ts';
import { filesBelow, globalsUsed, type Import, reachable, type SourceFile, sourceFiles } from './support/source-tree.ts';

/** Who may import what of ours, beside its own folder. `types of` a folder means `import type` only. Root files of `src` are named with `.ts`. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  operations: ['domain', 'types of db'],
  db: ['domain'],
  // `operations` declares what it needs of keys and desks as types; `access` is what fulfils them.
  access: ['domain', 'db', 'types of operations'],
  effects: ['domain', 'db', 'access/guarded-fetch.ts', 'types of operations'],
  // What an operator does (apply a vendor, make a key, sweep, check health): not a door, and never asked for by an agent.
  admin: [
    ...['domain', 'db', 'access', 'types of operations', 'effects/stripe/client.ts', 'effects/stripe/answer.ts'],
    ...['account', 'customers', 'permissions', 'recent-events', 'webhook-endpoint'].map((name) => `effects/stripe/setup/${name}.ts`),
    'effects/stripe/events/translators.ts',
  ],
  embedded: [
    'domain',
    'admin',
    ...['client', 'setup/demo-account'].map((name) => `effects/stripe/${name}.ts`),
    'db/migrate.ts',
    'db/payee-queries.ts',
    'types of db',
    'secret-strength.ts',
  ],
  routes: ['operations', 'access', 'domain', 'web'],
  mcp: ['operations', 'access', 'domain'],
  web: ['operations', 'access', 'domain'],
  // Runs in browsers: what it verifies with is the domain's own.
  browser: ['domain'],
  simulators: [],
  'config.ts': ['domain', 'environment.ts', 'secret-strength.ts'],
  'config-reference.ts': ['environment.ts', 'environment-docs.ts'],
  'environment-docs.ts': ['environment.ts'],
  'environment.ts': ['secret-strength.ts'],
  'secret-strength.ts': [],
};
/** Where everything meets. Everything else is in the table above, so a new folder has to be entered there first. */
const isComposition = (place: string): boolean =>
  /^(?:app|core|deps|index|desk-app|(?:hands|ledger|lobby|office|people|reference)(?:-app)?|identity-hands|platform-entry|open-world|node(?:-[a-z-]+)?)\.ts$/.test(
    place,
  );

/** What of the domain a door may call; of the rest it sees types only, since nothing is judged at a door. */
const domainOfDoors = [
  'actor',
  'assertion',
  'canonical',
  'overview',
  'referral-activity',
  'referral-state',
  'result',
  'reward-state',
  'schema-issues',
  'secret',
  'visibility',
].map((name) => `src/domain/${name}.ts`);

/** The one place from which a simulator is reached: the embedded default starts it. */
const standIn = 'src/node-stripe-stand-in.ts imports simulators/stripe/server.ts';

/** Pure, synchronous, without I/O. */
const domainLibraries = ['@noble/hashes', 'canonicalize', 'tldts', 'zod'];

/** Each framework stays where its name is listed; a prefix of a path below `src`. */
const frameworks: Readonly<Record<string, readonly string[]>> = {
  hono: [
    'routes/',
    'web/',
    'app.ts',
    'desk-app.ts',
    'hands-app.ts',
    'ledger-app.ts',
    'lobby-app.ts',
    'office-app.ts',
    'people-app.ts',
    'reference-app.ts',
    'platform-entry.ts',
  ],
  '@hono/zod-openapi': ['routes/openapi.ts'],
  '@hono/node-server': ['node'],
  '@modelcontextprotocol/server': ['mcp/'],
  '@modelcontextprotocol/sdk': ['mcp/'],
  '@modelcontextprotocol/client': [],
  'drizzle-orm': ['db/'],
  jose: ['access/'],
  pg: ['db/drivers/', 'db/migrate.ts'],
  '@electric-sql/pglite': ['db/drivers/', 'db/migrate.ts', 'embedded/'],
  '@neondatabase/serverless': [],
  stripe: ['effects/stripe/'],
  oauth4webapi: ['access/'],
  '@simplewebauthn/server': ['access/'],
  'structured-headers': ['access/'],
};

/** What the platform loads, in the order of their paths. */
const platformEntries = [
  'src/hands.ts',
  'src/index.ts',
  'src/ledger.ts',
  'src/lobby.ts',
  'src/office.ts',
  'src/people.ts',
  'src/reference.ts',
];

/** The one that asks no database, and so needs no settings. */
const withoutEnvironment = 'src/reference.ts';

/** Packages that stand on Node's own modules, so that they never belong to the platform bundle. */
const nodeLibraries = ['pg', '@electric-sql/pglite', '@hono/node-server', 'ws', 'tsx', 'esbuild'];

const everything = ['src', 'test', 'scripts', 'bench', 'examples'];
const src = sourceFiles('src');
const all = sourceFiles(...everything);

/** `routes/rest.ts` → `routes`; `app.ts` → `app.ts`. */
const placeOf = (path: string): string => path.split('/')[1] ?? '';
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const said = (file: SourceFile, { to, typeOnly }: Import): string => `${file.path} imports ${typeOnly ? 'types of ' : ''}${to}`;

function offences(files: readonly SourceFile[], offends: (file: SourceFile, imported: Import) => boolean): string[] {
  return files.flatMap((file) => file.imports.filter((imported) => offends(file, imported)).map((imported) => said(file, imported)));
}

async function usesOf(files: readonly SourceFile[], names: readonly string[]): Promise<string[]> {
  const used = await Promise.all(files.map(async (file) => (await globalsUsed(file, names)).map((name) => `${file.path} uses ${name}`)));
  return used.flat();
}

describe('who may import what', () => {
  it('knows every folder and root file of src', () => {
    const places = [...new Set(src.map(({ path }) => placeOf(path)))];
    expect(places.filter((place) => mayImport[place] === undefined && !isComposition(place))).toEqual([]);
  });

  it('keeps every folder to its row of the table', () => {
    const isAllowed = (file: SourceFile, { to, typeOnly }: Import): boolean => {
      const [from, place] = [placeOf(file.path), placeOf(to)];
      if (from === place) return true;
      return mayImport[from]?.some((row) => row === place || `src/${row}` === to || (typeOnly && row === `types of ${place}`)) ?? false;
    };
    const inside = src.filter(({ path }) => !isComposition(placeOf(path)));
    expect(offences(inside, (file, imported) => imported.own && !isAllowed(file, imported))).toEqual([]);
  });

  it('lets doors call only the vocabulary of the domain', () => {
    const doors = src.filter(({ path }) => ['routes', 'mcp', 'web'].includes(placeOf(path)));
    const isJudging = ({ to, typeOnly }: Import) => placeOf(to) === 'domain' && !typeOnly && !domainOfDoors.includes(to);
    expect(offences(doors, (_, imported) => imported.own && isJudging(imported))).toEqual([]);
  });

  it('gives the domain nothing but pure libraries', () => {
    const domain = src.filter(({ path }) => placeOf(path) === 'domain');
    expect(offences(domain, (_, { own, to }) => !own && !domainLibraries.includes(packageOf(to)))).toEqual([]);
  });

  it('keeps every framework in its place', () => {
    const isMisplaced = (file: SourceFile, { own, to }: Import) =>
      !own && frameworks[packageOf(to)]?.some((place) => file.path.startsWith(`src/${place}`)) === false;
    expect(offences(src, isMisplaced)).toEqual([]);
  });

  it('imports zod as a namespace, import * as z, of which a bundler keeps only what is used', () => {
    const isWhole = (_: SourceFile, { to, typeOnly, clause }: Import) => to === 'zod' && !typeOnly && /\{.*\bz\b.*\}|^\w+$/.test(clause);
    expect(offences(src, isWhole)).toEqual([]);
  });

  it('never reaches from src into tests, scripts or simulators', () => {
    const isOutside = ({ to }: Import) => /^(?:test|scripts|bench|examples|simulators)\//.test(to);
    expect(offences(src, (_, imported) => isOutside(imported))).toEqual([standIn]);
    // Loaded when it is started, not before.
    expect(src.find(({ path }) => standIn.startsWith(path))?.text).toContain("await import('../simulators/stripe/server.ts')");
  });
});

describe('what code may touch', () => {
  it('reads the environment only in the entries, which hand it to config.ts', async () => {
    const others = src.filter(({ path }) => !platformEntries.includes(path) && path !== 'src/node.ts');
    expect(await usesOf(others, ['process.env', 'process.argv', 'process.loadEnvFile', 'Deno', 'Bun', 'import.meta.env'])).toEqual([]);
    expect(src.filter(({ text }) => /\benv\b[^=;\n]*\}\s*=\s*(?:globalThis\.)?process\b/.test(text)).map(({ path }) => path)).toEqual([]);
    expect(offences(src, (_, { to }) => to === 'node:process' || to === 'process')).toEqual([]);
  });

  it.each(platformEntries)('loads no Node module from %s', (entry) => {
    const edge = reachable(src, entry);
    expect(edge.map(({ path }) => path)).toContain('src/operations/failures.ts');
    expect(offences(edge, (_, { to }) => to.startsWith('node:') || nodeLibraries.includes(packageOf(to)))).toEqual([]);
  });

  it.each(platformEntries)('uses no Node global in what %s reaches, but the environment that it passes on', async (entry) => {
    const names = [
      'process',
      'Buffer',
      'setImmediate',
      'clearImmediate',
      'global',
      '__dirname',
      '__filename',
      'require',
      'eval',
      'Function',
    ];
    if (entry === withoutEnvironment) return expect(await usesOf(reachable(src, entry), names)).toEqual([]);
    expect(await usesOf(reachable(src, entry), names)).toEqual([`${entry} uses process`]);
    expect(src.find(({ path }) => path === entry)?.text.match(/\bprocess\b.*$/gm)).toEqual([
      expect.stringMatching(/^process\?\.env \?\? \{\},/),
    ]);
  });

  it('keeps the package of Stripe to the entry that works with it, MCP to the desk, and passkeys to the pages', () => {
    const uses = (entry: string) => {
      const files = reachable(src, entry);
      const loads = (name: string) => files.some(({ imports }) => imports.some(({ to, typeOnly }) => to === name && !typeOnly));
      return ['stripe', '@modelcontextprotocol/server', '@simplewebauthn/server', '@hono/zod-openapi'].filter(loads);
    };
    expect(Object.fromEntries(platformEntries.map((entry) => [entry, uses(entry)]))).toEqual({
      'src/hands.ts': ['stripe'],
      'src/index.ts': ['@modelcontextprotocol/server'],
      // What makes the document is left out of the bundles, which hold what they need of it.
      'src/ledger.ts': [],
      'src/lobby.ts': [],
      'src/office.ts': [],
      'src/people.ts': ['@simplewebauthn/server'],
      'src/reference.ts': ['@hono/zod-openapi'],
    });
  });

  it('keeps the domain synchronous, without clock, chance or network', async () => {
    const domain = src.filter(({ path }) => placeOf(path) === 'domain');
    const names = ['fetch', 'crypto', 'setTimeout', 'setInterval', 'queueMicrotask', 'console', 'Date.now', 'Math.random', 'Promise'];
    expect(await usesOf(domain, names)).toEqual([]);
    expect(domain.filter(({ text }) => /\basync\b\s*[(\w]|new Date\(\s*\)|\bawait\s/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe('how files are named and made', () => {
  const names = filesBelow('.github')
    .concat(everything.flatMap(filesBelow))
    .filter((path) => /\.[jt]sx?$/.test(path));

  it('names folders and files in kebab-case', () => {
    const isKebab = (part: string) => /^\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(part);
    expect(names.filter((path) => !path.split('/').every(isKebab))).toEqual([]);
  });

  it('names nothing after a drawer', () => {
    const isDrawer = (word: string) => /^(?:util|helper|common|manager|service|misc)s?$/.test(word);
    expect(names.filter((path) => path.split(/[/.-]/).some(isDrawer))).toEqual([]);
  });

  it('exports by name; only the platform entries have a default', () => {
    const hasDefault = ({ text }: SourceFile) => /^export\s+(?:default\b|\{[^}]*\bas default\b)/m.test(text);
    expect(all.filter(hasDefault).map(({ path }) => path)).toEqual(platformEntries);
  });

  it('has no file that only passes on what others export', () => {
    const isBarrel = ({ text }: SourceFile) => {
      const rest = text
        .replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
        .replace(/^(?:import|export)\s+(?:type\s+)?(?:\*[^;]*|\{[^}]*\})(?:\s+from\s+'[^']+')?;?$/gm, '')
        .replace(/^import\s[^;]*;$/gm, '');
      return rest.trim() === '' && /^export\s/m.test(text);
    };
    expect(all.filter(isBarrel).map(({ path }) => path)).toEqual([]);
  });

  // Texts stand in one file in every language, so that a change of one shows what the others have to follow.
  it('keeps every file of src to 350 lines, and texts to 600', () => {
    const tooLong = src
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > (path.startsWith('src/web/words/') ? 600 : 350));
    expect(tooLong).toEqual([]);
  });
});

describe('where an operation lives', () => {
  const definitions = src.flatMap(({ path, text }) => {
    const [, folder, stem] = /^src\/operations\/([\w-]+)\/([\w-]+)\.ts$/.exec(path) ?? [];
    const found = [...text.matchAll(/\bdefine(?:Read|Write|Document|Ask)\(\{\s*name: '(\w+)'/g)];
    return found.map(([, name]) => ({ path, folder: folder ?? '', stem: stem ?? '', name: name ?? '' }));
  });

  it('defines every operation of the catalogue, each once and alone in its file', () => {
    const defined = definitions.map(({ name }) => name);
    expect(catalogue.map(({ name }) => name).filter((name) => !defined.includes(name))).toEqual([]);
    expect(new Set(defined).size).toBe(defined.length);
    expect(new Set(definitions.map(({ path }) => path)).size).toBe(definitions.length);
  });

  it('is found by its name: verb_noun is operations/<nouns>/<verb>.ts, with what is left of a longer noun after the verb', () => {
    const served = new Set(catalogue.map(({ name }) => name));
    const misplaced = definitions.filter(({ folder, stem, name }) => {
      const [verb, ...noun] = name.split('_');
      const isOfFolder =
        noun[0] === folder ||
        `${noun[0]}s` === folder ||
        noun[0]?.replace(/y$/, 'ies') === folder ||
        (noun[0] === 'person' && folder === 'people');
      // What no door shows may leave the folder's noun unsaid.
      if (!isOfFolder && served.has(name)) return true;
      return [verb, ...(isOfFolder ? noun.slice(1) : noun)].join('-') !== stem;
    });
    expect(misplaced.map(({ path, name }) => `${path} defines ${name}`)).toEqual([]);
  });
});
