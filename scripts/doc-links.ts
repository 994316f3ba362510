import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';

/**
 * What the documents below `root` point at and is not there: relative links and their headings, paths of the repository in backticks,
 * and npm scripts, which have to exist and to run a file that exists. One sentence each; nothing is fetched.
 */
export function documentProblems(root: string): string[] {
  const scripts = scriptsOf(root);
  return documents(root).flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
    return [...linkProblems(root, path, prose), ...pathProblems(root, prose), ...scriptProblems(root, scripts, text)].map(
      (problem) => `${path}: ${problem}`,
    );
  });
}

/** Not ours, or not written by hand. */
const skipped = new Set(['node_modules', '.git', '.vercel', '.frontdesk', 'dist', 'coverage']);

/** A word in backticks is taken for a path of the repository when it begins with one of these. */
const folders = ['src', 'test', 'scripts', 'docs', 'openapi', 'bench', 'examples', 'vendor', 'simulators', 'public', '.ci', '.github'];

function documents(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !skipped.has(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return documents(root, path);
      return entry.isFile() && path.endsWith('.md') ? [path] : [];
    })
    .sort();
}

function linkProblems(root: string, from: string, prose: string): string[] {
  const inline = [...prose.replace(/`[^`\n]*`/g, '').matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  const reference = [...prose.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)];
  return [...inline, ...reference].flatMap(([, target = '']) => {
    if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(target)) return [];
    const [path = '', heading] = decodeURIComponent(target).split('#');
    const file = path === '' ? from : fromRoot(root, resolve(root, dirname(from), path));
    if (file.startsWith('..') || !existsSync(join(root, file))) return [`the link ${target} leads nowhere`];
    if (heading === undefined || !file.endsWith('.md')) return [];
    return headings(readFileSync(join(root, file), 'utf8')).has(heading) ? [] : [`the link ${target} names no heading of ${file}`];
  });
}

/** As GitHub makes them: lower case, punctuation gone, spaces to dashes, a number behind one that was there before. */
function headings(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, title = ''] of text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const slug = title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let name = slug;
    for (let count = 1; found.has(name); count += 1) name = `${slug}-${count}`;
    found.add(name);
  }
  return found;
}

function pathProblems(root: string, prose: string): string[] {
  const words = [...prose.matchAll(/`([^`\s]+)`/g)].map(([, word = '']) => word);
  return [...new Set(words)]
    .filter((word) => folders.some((folder) => word.startsWith(`${folder}/`)) && /^[\w./@-]+$/.test(word))
    .filter((word) => !existsSync(join(root, word)) || (word.endsWith('/') && !statSync(join(root, word)).isDirectory()))
    .map((word) => `\`${word}\` does not exist`);
}

function scriptProblems(root: string, scripts: Readonly<Record<string, string>>, text: string): string[] {
  const run = [...text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, name = '']) => name);
  const short = [...text.matchAll(/\bnpm (start|test)\b/g)].map(([, name = '']) => name);
  return [...new Set([...run, ...short])].flatMap((name) => {
    const command = Object.hasOwn(scripts, name) ? scripts[name] : undefined;
    if (command === undefined) return [`package.json has no script ${name}`];
    const file = /\b(?:src|scripts|bench|examples)\/[\w./-]+\.ts\b/.exec(command)?.[0];
    return file === undefined || existsSync(join(root, file)) ? [] : [`npm run ${name} runs ${file}, which does not exist`];
  });
}

const Package = z.object({ scripts: z.record(z.string(), z.string()).default({}) });

function scriptsOf(root: string): Readonly<Record<string, string>> {
  return Package.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).scripts;
}

const fromRoot = (root: string, path: string): string => relative(root, path).split(sep).join('/');
