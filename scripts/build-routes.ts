/** A route of the Build Output API, version 3. */
type Route = { readonly handle: 'filesystem' } | { readonly src: string; readonly dest: string };

/**
 * Which function answers what: each its own paths, exactly; the one without paths everything else.
 * @param functions `paths` as OpenAPI writes them
 */
export function buildRoutes(functions: readonly { readonly name: string; readonly paths: readonly string[] }[]): readonly Route[] {
  const own = functions.flatMap(({ name, paths }) => paths.map((path) => ({ src: patternOf(path), dest: `/${name}` })));
  const rest = functions.filter(({ paths }) => paths.length === 0).map(({ name }) => ({ src: '/.*', dest: `/${name}` }));
  return [...own, { handle: 'filesystem' }, ...rest];
}

const patternOf = (path: string): string => `^${path.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')}$`;
