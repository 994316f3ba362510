import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { emittedFiles } from './emitted-files.ts';

/** `npm run emit` writes what is made from code; `npm run emit -- --check` only says what is stale, and fails if anything is. */
function main(check: boolean): number {
  const stale = emittedFiles().filter(({ path, content }) => onDisk(path) !== content);
  for (const { path, content } of stale) {
    console.log(`${check ? 'stale' : 'written'}  ${path}`);
    if (check) continue;
    mkdirSync(new URL('.', at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
  if (stale.length === 0) console.log('All emitted files are up to date.');
  else if (check) console.log('Run `npm run emit` and look at the difference.');
  return check && stale.length > 0 ? 1 : 0;
}

function onDisk(path: string): string | undefined {
  try {
    return readFileSync(at(path), 'utf8');
  } catch {
    return undefined;
  }
}

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

process.exitCode = main(process.argv.includes('--check'));
