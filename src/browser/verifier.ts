/** Verifies the ledger once and says on the page what came of it. Loaded when somebody asks for it. */
import type { BrokenCode } from '../domain/verification/report.ts';
import { keep, readKept } from './kept-head.ts';
import { type Outcome, verifyStream } from './verify-stream.ts';

/** Texts of the page, in its language; `{name}` stands for what is put in. */
type Words = Readonly<Record<'running' | 'verified' | 'unsigned' | 'continued' | 'first' | 'where' | 'unreachable', string>> & {
  readonly faults: Readonly<Record<string, string>>;
};

/** Blocks that are shown one by one. */
const mostShown = 240;

async function main(button: HTMLButtonElement, status: HTMLElement): Promise<void> {
  const { ledger = '', export: address = '', words: text = '{}' } = button.dataset;
  const words: Words = JSON.parse(text);
  const bar = document.querySelector<HTMLProgressElement>('#verify-progress');
  const list = document.querySelector<HTMLElement>('#verify-blocks');
  const kept = readKept(ledger);
  let shown = 0;
  const showBlocks = (blocks: number): void => {
    for (shown = Math.max(shown, blocks - mostShown); shown < blocks; shown++) list?.append(block(shown, true));
    while (list && list.childElementCount > mostShown) list.firstElementChild?.remove();
    if (bar) bar.value = blocks;
  };
  button.setAttribute('aria-disabled', 'true');
  list?.replaceChildren();
  if (bar) bar.hidden = false;
  say(status, 'info', words.running);
  const outcome = await verifyStream({
    ask: (cursor) => fetch(cursor === null ? address : `${address}?cursor=${encodeURIComponent(cursor)}`, { cache: 'no-store' }),
    kept: kept?.note ?? null,
    onProgress: ({ blocks }) => showBlocks(blocks),
  });
  if (bar) bar.hidden = true;
  button.removeAttribute('aria-disabled');
  if (!outcome.ok && 'block' in outcome && outcome.block !== null) list?.append(block(outcome.block, false));
  if (outcome.ok) keep(ledger, { at: new Date().toISOString(), note: outcome.note, checkpoint: { size: outcome.blocks } });
  say(status, outcome.ok ? (outcome.signature ? 'good' : 'warn') : 'bad', told(outcome, words, kept?.at ?? null));
}

function told(outcome: Outcome, words: Words, keptAt: string | null): string {
  if (!outcome.ok && outcome.code === 'unreachable') return words.unreachable;
  if (!outcome.ok) return `${faultText(outcome.code, words)} ${placeText(outcome, words)}`;
  const lang = document.documentElement.lang;
  const date = (at: string): string => new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
  const figures = {
    blocks: outcome.blocks.toLocaleString(lang),
    leaves: outcome.leaves.toLocaleString(lang),
    own: outcome.own.toLocaleString(lang),
  };
  return [
    fill(words.verified, { ...figures, at: date(outcome.checkpoint.sealedAt) }),
    ...(outcome.signature ? [] : [words.unsigned]),
    keptAt === null ? words.first : fill(words.continued, { at: date(keptAt) }),
  ].join(' ');
}

const faultText = (code: BrokenCode, { faults }: Words): string => faults[code] ?? faults.other ?? code;

/** Where it is, as far as that is known: line, block, leaf, entry. */
function placeText(
  { line, block: number, index, entry }: { line: number | null; block: number | null; index: number | null; entry: string | null },
  words: Words,
): string {
  const dash = (value: number | string | null): string => (value === null ? '–' : String(value));
  return fill(words.where, { line: dash(line), block: dash(number), index: dash(index), entry: dash(entry) });
}

const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

function block(number: number, isGood: boolean): HTMLElement {
  const item = document.createElement('li');
  item.className = isGood ? 'good' : 'bad';
  item.textContent = `${isGood ? '✓' : '✗'} ${number}`;
  return item;
}

/** In `role=status`: at the beginning and at the end only, so that it is not read out all the while. */
function say(status: HTMLElement, tone: string, text: string): void {
  status.className = `said tone ${tone}`;
  status.hidden = false;
  status.textContent = text;
}

const [button, status] = [document.querySelector<HTMLButtonElement>('#verify'), document.querySelector<HTMLElement>('#verify-status')];
if (button && status) void main(button, status);
