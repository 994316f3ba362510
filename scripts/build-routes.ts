import type { Way } from '../src/lobby-app.ts';

/** A route of the Build Output API, version 3. */
export type Route =
  | { readonly handle: 'filesystem' }
  | { readonly src: string; readonly headers: Readonly<Record<string, string>>; readonly continue: true }
  | { readonly src: string; readonly dest: string; readonly has?: readonly { readonly type: 'header'; readonly key: string }[] };

/**
 * Which function answers what: each its own ways, exactly; the one without any everything else. A way that asks for a header goes before
 * the same path without one.
 * @throws when two functions claim the same way, since only the first of them would ever be asked
 */
export function buildRoutes(functions: readonly { readonly name: string; readonly paths: readonly Way[] }[]): readonly Route[] {
  const own = functions.flatMap(({ name, paths }) => paths.map((way) => routeOf(way, `/${name}`)));
  const claimed = own.map(({ src, has }) => JSON.stringify([src, has]));
  const twice = own.find((_, at) => claimed.indexOf(claimed[at] ?? '') !== at);
  if (twice !== undefined) throw new Error(`More than one function claims ${twice.src}`);
  const rest = functions.filter(({ paths }) => paths.length === 0).map(({ name }) => ({ src: '/.*', dest: `/${name}` }));
  return [...own.filter(({ has }) => has), ...own.filter(({ has }) => !has), keptForEver, { handle: 'filesystem' }, ...rest];
}

/** A file whose name carries a hash of what it holds. */
const keptForEver = { src: '^/assets/.*$', headers: { 'cache-control': 'public, max-age=31536000, immutable' }, continue: true } as const;

function routeOf(way: Way, dest: string): Extract<Route, { dest: string }> {
  if (typeof way === 'string') return { src: patternOf(way), dest };
  return { src: patternOf(way.path), has: [{ type: 'header', key: way.withHeader.toLowerCase() }], dest };
}

const patternOf = (path: string): string => `^${path.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`;
