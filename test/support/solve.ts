/** What docs/how-to/solve-a-challenge.md tells an agent to do, taken from there. */
import { readFile } from 'node:fs/promises';
import type { Challenge } from '../../src/domain/challenge.ts';

export type Solve = (challenge: Pick<Challenge, 'challenge' | 'bits'>) => string;

export async function publishedSolver(): Promise<Solve> {
  const page = await readFile(new URL('../../docs/how-to/solve-a-challenge.md', import.meta.url), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1];
  if (code === undefined) throw new Error('the page shows how a challenge is solved');
  const { answerTo } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
  return answerTo;
}
