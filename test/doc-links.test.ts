import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { documentProblems } from '../scripts/doc-links.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fd-docs-'));
  mkdirSync(join(root, 'docs'));
  mkdirSync(join(root, 'scripts'));
  writeFileSync(join(root, 'scripts/there.ts'), '');
  writeFileSync(join(root, 'docs/there.md'), '# What is `there`?\n\n## Twice\n\n## Twice\n');
  writeFileSync(join(root, 'package.json'), JSON.stringify({ scripts: { there: 'tsx scripts/there.ts', gone: 'tsx scripts/gone.ts' } }));
});
afterEach(() => rmSync(root, { recursive: true }));

function problemsOf(text: string): string[] {
  writeFileSync(join(root, 'README.md'), text);
  return documentProblems(root);
}

it('accepts what is there, addresses, and what only looks like a path', () => {
  const text = [
    '[a](docs/there.md) [b](docs/there.md#what-is-there) [c](./docs/there.md#twice-1) [d](https://example.com/gone) [e](/docs)',
    '`docs/there.md` `scripts/` `src/<nouns>/<verb>.ts` `src/**` `application/json` `npm run there`',
    '```\n[not a link](gone.md) `src/gone.ts`\n```',
  ];
  expect(problemsOf(text.join('\n'))).toEqual([]);
});

it.each([
  ['[a](gone.md)', 'README.md: the link gone.md leads nowhere'],
  ['[a]: docs/gone.md', 'README.md: the link docs/gone.md leads nowhere'],
  ['[a](../)', 'README.md: the link ../ leads nowhere'],
  ['[a](docs/there.md#gone)', 'README.md: the link docs/there.md#gone names no heading of docs/there.md'],
  ['[a](#gone)', 'README.md: the link #gone names no heading of README.md'],
  ['`src/gone.ts`', 'README.md: `src/gone.ts` does not exist'],
  ['`scripts/there.ts/`', 'README.md: `scripts/there.ts/` does not exist'],
  ['npm run nothing', 'README.md: package.json has no script nothing'],
  ['```sh\nnpm run gone\n```', 'README.md: npm run gone runs scripts/gone.ts, which does not exist'],
  ['npm start', 'README.md: package.json has no script start'],
])('finds the problem in %j', (text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});
