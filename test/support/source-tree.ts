import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** One TypeScript file of the repository. */
export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** A path from the root for files of ours, otherwise the specifier as written. */
  readonly to: string;
  readonly own: boolean;
  /** `import type`: leaves nothing behind at run time. Inline `type` in braces does not count, the import itself stays. */
  readonly typeOnly: boolean;
  /** What stands between `import` and `from`, on one line. */
  readonly clause: string;
}

/** All TypeScript files below these folders, in the order of their paths. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => filesBelow(folder).filter(isTypeScript).map(readSource));
}

/** Every file below a folder, with its path from the root; none if the folder does not exist. */
export function filesBelow(folder: string): string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => fromRoot(join(entry.parentPath, entry.name)))
      .sort();
  } catch {
    return [];
  }
}

/** The files that `entry` loads at run time, itself included. */
export function reachable(files: readonly SourceFile[], entry: string): SourceFile[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const found = new Set<SourceFile>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const file = byPath.get(path);
    if (file === undefined || found.has(file)) continue;
    found.add(file);
    open.push(...file.imports.filter(({ own, typeOnly }) => own && !typeOnly).map(({ to }) => to));
  }
  return [...found];
}

/**
 * Which of these globals a file uses: free identifiers only, so not words in comments and strings, not properties, not local names.
 * Dotted names (`Date.now`) stand for that member. Uses through `globalThis` count.
 */
export async function globalsUsed(file: SourceFile, names: readonly string[]): Promise<string[]> {
  const marks = names.map((name, at) => ({ name, mark: `__global_${at}__` }));
  const define = Object.fromEntries(
    marks.flatMap(({ name, mark }) => [
      [name, mark],
      [`globalThis.${name}`, mark],
    ]),
  );
  const { code } = await transform(file.text, { loader: file.path.endsWith('x') ? 'tsx' : 'ts', define });
  return marks.filter(({ mark }) => code.includes(mark)).map(({ name }) => name);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, imports: importsOf(text, path) };
}

const statement = /^(?:import|export)\s+(type\s+)?(\*(?:\s+as\s+\w+)?|[\w$]+(?:\s*,\s*\{[^}]*\})?|\{[^}]*\})\s+from\s+'([^']+)'/gm;
const sideEffect = /^import\s+'([^']+)'/gm;
const dynamic = /\b(?:import|require)\(\s*['"]([^'"]+)['"]/g;

function importsOf(text: string, path: string): Import[] {
  const made = (specifier: string, typeOnly: boolean, clause: string): Import => {
    const own = specifier.startsWith('.');
    return { own, typeOnly, clause: clause.replace(/\s+/g, ' '), to: own ? fromRoot(resolve(root, dirname(path), specifier)) : specifier };
  };
  return [
    ...[...text.matchAll(statement)].map(([, type, clause, to]) => made(to ?? '', type !== undefined, clause ?? '')),
    ...[...text.matchAll(sideEffect)].map(([, to]) => made(to ?? '', false, '')),
    ...[...text.matchAll(dynamic)].map(([, to]) => made(to ?? '', false, '')),
  ];
}

const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);
const fromRoot = (path: string): string => relative(root, path).split(sep).join('/');
