/** Loads what verifies the ledger when somebody asks for it, and says what was verified in this browser before. */
import { forgetKept, readKept } from './kept-head.ts';

const button = document.querySelector<HTMLButtonElement>('#verify');
const nonce = document.currentScript?.nonce ?? '';

function load(asked: HTMLButtonElement): void {
  if (asked.getAttribute('aria-disabled') === 'true') return;
  const script = document.createElement('script');
  script.src = asked.dataset.script ?? '';
  script.nonce = nonce;
  // Each time it is loaded it verifies once; the file itself is kept by the browser.
  script.addEventListener('load', () => script.remove());
  document.head.append(script);
}

function showKept(ledger: string): void {
  const kept = readKept(ledger);
  for (const place of document.querySelectorAll<HTMLElement>('#verify-kept')) {
    place.hidden = kept === null;
    const [text, time] = [place.querySelector('[data-blocks]'), place.querySelector('time')];
    if (kept === null || !text || !time) continue;
    text.textContent = String(kept.checkpoint.size);
    time.dateTime = kept.at;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' }).format(
      new Date(kept.at),
    );
  }
}

if (button) {
  const ledger = button.dataset.ledger ?? '';
  showKept(ledger);
  button.addEventListener('click', () => load(button));
  document.querySelector('#verify-forget')?.addEventListener('click', () => {
    forgetKept(ledger);
    showKept(ledger);
  });
}
