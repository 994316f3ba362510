import { assetPath } from './assets.ts';
import type { Scene } from './ledger/definition.ts';
import { type NavKey, navigation, navPath } from './ledger/navigation.ts';
import type { Locale } from './locale.ts';
import type { Content, Markup } from './markup.ts';
import type { Preferences } from './preferences.ts';
import { didText } from './words/did.ts';
import { shellWords } from './words/shell.ts';

interface DocumentProps {
  readonly title: string;
  readonly preferences: Preferences;
  /** Of this answer alone: what scripts may run (CSP Level 3, `'nonce-…'`). */
  readonly nonce: string;
  /** Scripts beside the one of every page. */
  readonly scripts?: readonly ScriptName[];
  readonly children?: Content;
}

export type ScriptName = 'htmx.js' | 'verify.js' | 'passkey.js';

/** What a page beside the ledger is made for. */
export interface PlainAt {
  readonly preferences: Preferences;
  readonly nonce: string;
}

/** A whole document. Its one stylesheet and its scripts are ours, under addresses that change with them. */
export function documentOf(props: DocumentProps): string {
  return `<!doctype html>${(<Document {...props} />).toString()}`;
}

function Document({ title, preferences, nonce, scripts = [], children }: DocumentProps) {
  const { locale, theme, keys } = preferences;
  return (
    <html lang={locale} {...(theme === 'system' ? {} : { 'data-theme': theme })} data-keys={keys ? 'on' : 'off'}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="htmx-config" content={htmxConfig} />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={assetPath('frontdesk.css')} />
        {[...scripts, 'frontdesk.js' as const].map((name) => (
          <script src={assetPath(name)} nonce={nonce} defer></script>
        ))}
      </head>
      <body>{children}</body>
    </html>
  );
}

/** Nothing of a page is run as code, and no style is put into it. */
const htmxConfig = JSON.stringify({ includeIndicatorCSS: false, inlineScriptNonce: '', history: 'reload' });

interface ShellProps {
  readonly title: string;
  readonly nav: NavKey | null;
  readonly scene: Scene;
  /** Pages that who looks may open. */
  readonly open: readonly NavKey[];
  readonly nonce: string;
  readonly scripts?: readonly ScriptName[];
  readonly body: Markup;
}

/** A page of the ledger: what stands around it on every one. */
export function shellOf({ title, nav, scene, open, nonce, scripts, body }: ShellProps): string {
  const { desk, preferences, locale } = scene;
  const words = shellWords[locale];
  return documentOf({
    title: `${title} · ${desk.name}`,
    preferences,
    nonce,
    scripts: ['htmx.js', ...(scripts ?? [])],
    children: (
      <>
        <a class="skip" href="#main">
          {words.skip}
        </a>
        <div class="frame">
          <Top scene={scene} />
          <Viewing scene={scene} />
          <nav class="side" aria-label={words.nav}>
            <details open>
              <summary>{words.menu}</summary>
              {navigation.map((group) => (
                <Group keys={group.filter((key) => open.includes(key))} nav={nav} locale={locale} />
              ))}
            </details>
          </nav>
          <main id="main" tabindex={-1}>
            <Said scene={scene} />
            {body}
          </main>
        </div>
        <Keys scene={scene} />
      </>
    ),
  });
}

function Top({ scene: { desk, locale, principal } }: { scene: Scene }) {
  const words = shellWords[locale];
  const role = principal.person?.role ?? 'partner';
  return (
    <header class="top">
      <a class="brand" href="/ledger">
        {desk.name}
      </a>
      {desk.environment === 'dev' ? <span class="mode">{words.demo}</span> : null}
      <form class="end" role="search" action="/ledger/referrals" method="get">
        <input type="search" name="q" aria-label={words.search} placeholder={words.search} maxlength={120} data-search />
      </form>
      <span class="soft name">{words.roles[role]}</span>
      <form method="post" action="/logout">
        <button type="submit">{words.signOut}</button>
      </form>
    </header>
  );
}

function Viewing({ scene: { principal, locale } }: { scene: Scene }) {
  const words = shellWords[locale];
  if (principal.person?.viewing !== true) return null;
  return (
    <div class="viewing" role="status">
      {words.viewing(words.roles[principal.person.role])}
      <form method="post" action="/ledger/view-as">
        <input type="hidden" name="role" value="" />
        <button type="submit">{words.stopViewing}</button>
      </form>
    </div>
  );
}

function Group({ keys, nav, locale }: { keys: readonly NavKey[]; nav: NavKey | null; locale: Locale }) {
  if (keys.length === 0) return null;
  return (
    <ul>
      {keys.map((key) => (
        <li>
          <a href={navPath(key)} aria-current={key === nav ? 'page' : undefined}>
            {shellWords[locale][`nav_${key}`]}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** What single keys do; shown by one of them. */
function Keys({ scene: { locale, preferences } }: { scene: Scene }) {
  if (!preferences.keys) return null;
  const words = shellWords[locale];
  return (
    <dialog id="keys" aria-labelledby="keys-title">
      <h2 id="keys-title">{words.keys}</h2>
      <dl>
        {(['/', 'j', 'k', 'Enter', '?'] as const).map((key) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words.keyOf[key]}</dd>
          </>
        ))}
      </dl>
      <p class="soft">{words.keysOff}</p>
      <form method="dialog">
        <button type="submit">{words.close}</button>
      </form>
    </dialog>
  );
}

/** What came of what was done on the page before, or what was wrong with it. */
function Said({ scene: { problem, query, locale } }: { scene: Scene }) {
  if (problem) {
    return (
      <div class="said tone bad" role="alert">
        <p>{problem.text}</p>
      </div>
    );
  }
  const done = didText(query('done') ?? '', locale);
  if (done === undefined) return null;
  return (
    <div class="said tone good" role="status">
      <p>{done}</p>
    </div>
  );
}

interface PlainProps extends PlainAt {
  readonly title: string;
  readonly wide?: boolean;
  readonly scripts?: readonly ScriptName[];
  readonly children: Content;
}

/** A page beside the ledger, narrow: where one signs in, applies, or learns that there is nothing. */
export function plainPage({ title, preferences, nonce, wide, scripts, children }: PlainProps): string {
  const main = (
    <main id="main" class={wide ? 'plain wide' : 'plain'}>
      {children}
    </main>
  );
  return documentOf({ title, preferences, nonce, ...(scripts && { scripts }), children: main });
}
