import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emittedFiles } from '../scripts/emitted-files.ts';
import { toolsOf } from '../src/mcp/tools.ts';
import { catalogue } from '../src/operations/catalogue.ts';

const files = emittedFiles();
const tools = toolsOf(catalogue);

/** An estimate that holds for English and JSON alike: four characters a token. */
const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4);

describe('emitted files', () => {
  it.each(files)('$path is what the code says', ({ path, content }) => {
    const kept = readKept(path);
    expect(kept === content, `${path} is ${kept === undefined ? 'missing' : `stale ${firstDifference(kept, content)}`}: npm run emit`).toBe(
      true,
    );
  });

  it('come out with the same bytes every time', () => {
    expect(emittedFiles()).toEqual(files);
  });

  it('end with one line break and hold no path of a machine', () => {
    for (const { path, content } of files) {
      expect(content, path).toMatch(/[^\n]\n$/);
      expect(content, path).not.toContain(process.cwd());
    }
  });
});

describe('the tool list, which an agent pays for in every conversation', () => {
  it('has at most 20 tools', () => {
    expect(tools.length).toBeGreaterThan(0);
    expect(tools.length).toBeLessThanOrEqual(20);
  });

  it('takes at most 12,000 tokens, 6 % of a context of 200,000', () => {
    console.log(`tools.json: ${tools.length} tools, about ${tokens({ tools })} tokens`);
    expect(tokens({ tools })).toBeLessThanOrEqual(12_000);
  });

  it('takes at most 5,000 tokens of a model that is shown no output schemas, as most are', () => {
    const shown = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    console.log(`names, descriptions and input schemas: about ${tokens(shown)} tokens`);
    expect(tokens(shown)).toBeLessThanOrEqual(5_000);
  });

  it('spends at most a third of its size on one tool', () => {
    const heavy = tools.filter((tool) => tokens(tool) > tokens(tools) / 3).map((tool) => `${tool.name}: ${tokens(tool)} tokens`);
    expect(heavy).toEqual([]);
  });
});

function readKept(path: string): string | undefined {
  try {
    return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}

/** Names the line, so that a reader knows what to look for without a thousand lines of difference. */
function firstDifference(kept: string, content: string): string {
  const [keptLines, lines] = [kept.split('\n'), content.split('\n')];
  const at = lines.findIndex((line, index) => line !== keptLines[index]);
  return `from line ${at === -1 ? lines.length + 1 : at + 1}`;
}
