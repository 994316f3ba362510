import type { World } from '../world.ts';
import type { RawMembers } from './form.ts';
import { type Input, list, type ParameterTable, readParameters, text } from './parameters.ts';

export type Method = 'GET' | 'POST' | 'DELETE';

/** One call of the API. */
export interface Route {
  readonly method: Method;
  /** `/v1/customers/:id`. */
  readonly pattern: string;
  /** What a restricted key needs: the noun of the resource, and whether it writes. */
  readonly permission: string;
  /** Reads the parameters, strictly; what it returns executes the call. */
  readonly prepare: (path: Readonly<Record<string, string>>, raw: RawMembers) => Prepared;
}
export interface Prepared {
  readonly expand: readonly string[];
  readonly execute: (world: World) => object;
}

export interface Call<Table> {
  /** A segment of the path, by its name in the pattern. */
  readonly at: (name: string) => string;
  readonly input: Input<Table>;
}

const everywhere = { expand: list(text(200), { max: 20 }) };

export function route<Table extends ParameterTable>(
  method: Method,
  pattern: string,
  table: Table,
  handle: (world: World, call: Call<Table>) => object,
): Route {
  return {
    method,
    pattern,
    permission: `${nounOf(pattern)}:${method === 'GET' ? 'read' : 'write'}`,
    prepare: (path, raw) => {
      const isExpand = ([name]: readonly [string, unknown]): boolean => name === 'expand';
      const { expand = [] } = readParameters(everywhere, new Map([...raw].filter(isExpand)));
      const input = readParameters(table, new Map([...raw].filter((entry) => !isExpand(entry))));
      const at = (name: string): string => path[name] ?? '';
      return { expand, execute: (world) => handle(world, { at, input }) };
    },
  };
}

/** `/v1/billing/credit_grants/:id` → `billing/credit_grants`. */
const nounOf = (pattern: string): string => /^\/v1\/([a-z_/]+?)(?:\/:.*)?$/.exec(pattern)?.[1] ?? pattern;

/** The routes, found by method and path. */
export function router(
  routes: readonly Route[],
): (method: string, path: string) => { route: Route; path: Record<string, string> } | undefined {
  const compiled = routes.map((route) => ({ route, segments: route.pattern.split('/') }));
  // A literal segment goes before a parameter: /v1/invoices/upcoming is no invoice.
  compiled.sort((a, b) => a.segments.filter((s) => s.startsWith(':')).length - b.segments.filter((s) => s.startsWith(':')).length);
  return (method, path) => {
    const given = path.split('/');
    const match = compiled.find(
      ({ route, segments }) =>
        route.method === method &&
        segments.length === given.length &&
        segments.every((s, i) => (s.startsWith(':') ? given[i] !== '' : s === given[i])),
    );
    if (match === undefined) return undefined;
    const named = match.segments.flatMap((s, i) => (s.startsWith(':') ? [[s.slice(1), decodeURIComponent(given[i] ?? '')]] : []));
    return { route: match.route, path: Object.fromEntries(named) };
  };
}
