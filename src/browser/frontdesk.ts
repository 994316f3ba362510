/** What every page gains by a script. Without it everything works: in UTC, by mouse and Tab, without the live strip. */

const page = document.documentElement;
page.classList.add('scripted');

/** Times in the reader's own zone; UTC stays on hover. */
function localTimes(within: ParentNode): void {
  const options: Record<string, Intl.DateTimeFormatOptions> = {
    day: { dateStyle: 'medium' },
    instant: { dateStyle: 'medium', timeStyle: 'short' },
  };
  for (const time of within.querySelectorAll<HTMLTimeElement>('time[data-local]')) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime()))
      time.textContent = new Intl.DateTimeFormat(page.lang, options[time.dataset.local ?? ''] ?? {}).format(at);
    time.removeAttribute('data-local');
  }
}

/** A button that copies: `data-copy` is the text, or names what holds it with `#`. */
document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element ? target.closest<HTMLElement>('[data-copy]') : null;
  const asked = button?.dataset.copy;
  if (!button || asked === undefined) return;
  const text = asked.startsWith('#') ? (document.querySelector(asked)?.textContent ?? '') : asked;
  await navigator.clipboard?.writeText(text);
  button.dataset.copied = '';
  setTimeout(() => delete button.dataset.copied, 1500);
});

/** What is confirmed first where a script can ask: `data-confirm` is the question. */
document.addEventListener('submit', (event) => {
  const question = event.target instanceof HTMLElement ? event.target.dataset.confirm : undefined;
  if (question !== undefined && !window.confirm(question)) event.preventDefault();
});

/** What was done is said once: not again when the page is loaded anew or its address is kept. */
const here = new URL(location.href);
if (here.searchParams.has('done')) {
  here.searchParams.delete('done');
  history.replaceState(history.state, '', here);
}

/** A menu that lies open on a wide screen only. */
const menu = document.querySelector<HTMLDetailsElement>('.side details');
if (menu && matchMedia('(max-width: 52rem)').matches) menu.open = false;

/** Lists that grow by themselves: as long as they may be, and told once for all that came together. */
const counted = new Map<string, number>();
function tell(list: HTMLElement): void {
  const most = Number(list.dataset.most ?? 0);
  while (most > 0 && list.children.length > most) list.lastElementChild?.remove();
  const empty = document.querySelector<HTMLElement>(`[data-if-empty="${list.id}"]`);
  if (empty) empty.hidden = list.children.length > 0;
  const status = document.querySelector<HTMLElement>(`[data-tells="${list.id}"]`);
  const before = counted.get(list.id) ?? 0;
  counted.set(list.id, before + 1);
  if (!status || before > 0) return;
  setTimeout(() => {
    const n = counted.get(list.id) ?? 0;
    counted.set(list.id, 0);
    const text = n === 1 ? status.dataset.one : status.dataset.many?.replace(/1[.,\s]?000[.,\s]?001/, String(n));
    status.textContent = text ?? '';
  }, 3000);
}

document.addEventListener('htmx:after:swap', () => {
  localTimes(document);
  for (const list of document.querySelectorAll<HTMLElement>('[data-most]')) if (list.children.length > 0) tell(list);
});
localTimes(document);

/** Who was signed out meanwhile is led to sign in by a whole page, not by a part of one. */
document.addEventListener('htmx:before:response', (event) => {
  const { ctx } = (event as CustomEvent<{ ctx?: { response?: { raw?: Response } } }>).detail ?? {};
  const raw = ctx?.response?.raw;
  if (raw?.redirected && new URL(raw.url).pathname.startsWith('/login')) {
    event.preventDefault();
    location.assign(raw.url);
  }
});

/** Single keys, which the settings switch off (WCAG 2.2, 2.1.4): `/` finds, `j` and `k` go through rows, `Enter` opens one, `?` says so. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function move(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>('table[data-rows] tbody tr')].filter((row) => row.querySelector('a'));
  const at = rows.findIndex((row) => row.hasAttribute('data-at'));
  const next = rows[at === -1 ? (by === 1 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (!next) return;
  rows[at]?.removeAttribute('data-at');
  next.setAttribute('data-at', '');
  // The link has the focus, so that Enter opens it as it always does.
  next.querySelector<HTMLAnchorElement>('th a, td a')?.focus();
  next.scrollIntoView({ block: 'nearest' });
}

const keys: Readonly<Record<string, () => void>> = {
  '/': () => document.querySelector<HTMLInputElement>('[data-search]')?.focus(),
  j: () => move(1),
  k: () => move(-1),
  '?': () => document.querySelector<HTMLDialogElement>('dialog#keys')?.showModal(),
};

document.addEventListener('keydown', (event) => {
  if (page.dataset.keys === 'off' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const act = keys[event.key];
  if (!act || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  act();
});
