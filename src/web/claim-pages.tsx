import { count } from './format.ts';
import type { Locale } from './locale.ts';
import type { Content } from './markup.ts';
import { State } from './parts/states.tsx';
import { Badge, Instant, Stranger } from './parts/text.tsx';
import type { Preferences } from './preferences.ts';
import { plainPage } from './shell.tsx';
import { claimWords } from './words/claim.ts';

/** What every one of these pages is made with. */
export interface ClaimPage {
  readonly vendor: string;
  readonly preferences: Preferences;
  readonly nonce: string;
}

/** What `preview_claim` answers. */
interface ClaimPreview {
  readonly entities: readonly string[];
  readonly row_count: number;
  readonly created_at: string;
  readonly expires_at: string;
  readonly opened_by: { readonly proven_domain: string | null } | null;
  readonly mailbox_domain: string | null;
  readonly proven: { readonly email: string } | null;
  readonly untrusted: Readonly<Record<string, unknown>>;
}

/** What was wrong with what was posted before. */
export type ClaimProblem = 'wrongEmail' | 'wrongAccount' | 'wrongCode' | 'notProven' | 'tooManyCodes' | 'tooManyMails';

interface ClaimStep {
  readonly problem?: ClaimProblem | undefined;
  /** The address or code that was typed. */
  readonly typed?: string | undefined;
  /** Where a company account can be used instead of mail; null: nowhere. */
  readonly accountPath: string | null;
}

/** Behind a claim link: what the workspace is, and the next step. Reading it changes nothing, so a link scanner does no harm. */
export function claimPage(page: ClaimPage, preview: ClaimPreview, step: ClaimStep): string {
  const { locale } = page.preferences;
  const words = claimWords[locale];
  const { name, domain } = statedIn(preview.untrusted);
  return plain(page, words.title(page.vendor), [
    <h1>{words.heading(page.vendor)}</h1>,
    <p class="soft">{words.lead}</p>,
    <section>
      <h2>{words.known}</h2>
      <Facts vendor={page.vendor} preview={preview} locale={locale} />
    </section>,
    <section>
      <h2>{words.stated}</h2>
      <p class="soft small">{words.statedNote}</p>
      <dl>
        <dt>{words.company}</dt>
        <dd>
          <Stranger>{name}</Stranger>
        </dd>
        <dt>{words.domain}</dt>
        <dd>
          <Stranger>{domain}</Stranger>
        </dd>
      </dl>
    </section>,
    preview.proven === null ? (
      <ProveStep locale={locale} domain={preview.mailbox_domain} step={step} />
    ) : (
      <CodeStep locale={locale} vendor={page.vendor} email={preview.proven.email} step={step} />
    ),
  ]);
}

function Facts({ vendor, preview, locale }: { vendor: string; preview: ClaimPreview; locale: Locale }) {
  const words = claimWords[locale];
  const { opened_by } = preview;
  return (
    <dl>
      <dt>{words.vendor}</dt>
      <dd>{vendor}</dd>
      <dt>{words.state}</dt>
      <dd>
        <State state="active" locale={locale} />
      </dd>
      <dt>{words.holds}</dt>
      <dd>{words.rows(preview.entities.join(', '), count(preview.row_count, locale))}</dd>
      <dt>{words.opened}</dt>
      <dd>
        <Instant at={preview.created_at} locale={locale} />
      </dd>
      <dt>{words.ends}</dt>
      <dd>
        <Instant at={preview.expires_at} locale={locale} />
      </dd>
      <dt>{words.openedBy}</dt>
      <dd>
        {opened_by === null ? (
          words.ofNobody
        ) : opened_by.proven_domain === null ? (
          words.ofUnproven
        ) : (
          <>
            {words.ofProven(opened_by.proven_domain)} <Badge tone="good">{words.proven}</Badge>
          </>
        )}
      </dd>
    </dl>
  );
}

function ProveStep({ locale, domain, step }: { locale: Locale; domain: string | null; step: ClaimStep }) {
  const words = claimWords[locale];
  return (
    <section>
      <h2>{words.prove}</h2>
      <p>{words.proveText}</p>
      <Problem locale={locale} problem={step.problem} />
      <form method="post">
        <Typed
          name="email"
          type="email"
          label={words.email}
          hint={domain === null ? words.emailNowhere : words.emailHint(domain)}
          step={step}
          max={254}
          complete="email"
        />
        <button type="submit">{words.mailMe}</button>
      </form>
      {step.accountPath === null ? null : (
        <p>
          <a href={step.accountPath}>{words.account}</a>
        </p>
      )}
    </section>
  );
}

function CodeStep({ locale, vendor, email, step }: { locale: Locale; vendor: string; email: string; step: ClaimStep }) {
  const words = claimWords[locale];
  return (
    <section>
      <h2>{words.code}</h2>
      <p>{words.codeText}</p>
      <Problem locale={locale} problem={step.problem} />
      <p>
        {words.provenAs}: <strong>{email}</strong>
      </p>
      <form method="post">
        <Typed name="user_code" label={words.userCode} hint={words.userCodeHint} step={step} max={32} complete="off" />
        <button type="submit">{words.takeOver}</button>
      </form>
      <p class="soft small">{words.afterwards(vendor)}</p>
    </section>
  );
}

function Problem({ locale, problem }: { locale: Locale; problem: ClaimProblem | undefined }) {
  if (problem === undefined) return null;
  return (
    <div class="said tone bad" role="alert">
      <p id="problem">{claimWords[locale][problem]}</p>
    </div>
  );
}

interface TypedProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly step: ClaimStep;
  readonly max: number;
  readonly complete: string;
  readonly type?: 'email';
}

function Typed({ name, label, hint, step: { problem, typed }, max, complete, type }: TypedProps) {
  const wrong = problem === undefined ? {} : { 'aria-invalid': 'true' as const };
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <p class="hint" id="hint">
        {hint}
      </p>
      <input
        id={name}
        name={name}
        type={type ?? 'text'}
        value={typed ?? ''}
        required
        maxlength={max}
        autocomplete={complete}
        spellcheck={false}
        aria-describedby={problem === undefined ? 'hint' : 'hint problem'}
        {...wrong}
      />
    </div>
  );
}

/** The mail is on its way. */
export function mailedPage(page: ClaimPage, back: string): string {
  const words = claimWords[page.preferences.locale];
  return plain(page, words.mailed, [
    <h1>{words.mailed}</h1>,
    <p role="status">{words.mailedText}</p>,
    <p class="soft">{words.mailedHelp}</p>,
    <Back href={back}>{words.back}</Back>,
  ]);
}

/** Behind the mailed link: nothing happens before the button is pressed. */
export function confirmMailboxPage(page: ClaimPage, email: string): string {
  const words = claimWords[page.preferences.locale];
  return plain(page, words.confirm, [
    <h1>{words.confirm}</h1>,
    <p>
      {words.confirmText} <strong>{email}</strong>
    </p>,
    <form method="post">
      <button type="submit">{words.confirmButton}</button>
    </form>,
    <p class="soft">{words.confirmHelp}</p>,
  ]);
}

/** The mailed link is good, but another browser asked for it. */
export function elsewherePage(page: ClaimPage): string {
  const words = claimWords[page.preferences.locale];
  return plain(page, words.elsewhere, [<h1>{words.elsewhere}</h1>, <p>{words.elsewhereText}</p>]);
}

/** The mailed link was used, has expired, or never was. */
export function overLinkPage(page: ClaimPage): string {
  const words = claimWords[page.preferences.locale];
  return plain(page, words.overLink, [<h1>{words.overLink}</h1>, <p>{words.overLinkText}</p>]);
}

/** For the browser in which it was taken over, of which the vendor was told or cannot be told any more. */
export function yoursPage(page: ClaimPage, signupUrl: string): string {
  const words = claimWords[page.preferences.locale];
  return plain(page, words.yours, [
    <h1>{words.yours}</h1>,
    <p role="status">{words.yoursText(page.vendor)}</p>,
    <p>
      <a class="button" href={signupUrl} rel="noreferrer">
        {words.goOn(page.vendor)}
      </a>
    </p>,
  ]);
}

/** Behind a claim link that leads nowhere (any more), whatever the reason. */
export function goneClaimPage(page: ClaimPage): string {
  const words = claimWords[page.preferences.locale];
  return plain(page, words.gone, [<h1>{words.gone}</h1>, <p>{words.goneText}</p>]);
}

function Back({ href, children }: { href: string; children?: Content }) {
  return (
    <p>
      <a href={href}>{children}</a>
    </p>
  );
}

function plain({ preferences, nonce }: ClaimPage, title: string, children: Content): string {
  return plainPage({ title, preferences, nonce, children });
}

/** What the agent said of the company, where it is as it was written. */
function statedIn(untrusted: Readonly<Record<string, unknown>>): { readonly name: string; readonly domain: string } {
  const { prospect } = untrusted;
  const said: Readonly<Record<string, unknown>> = typeof prospect === 'object' && prospect !== null ? { ...prospect } : {};
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : '–');
  return { name: text(said.name), domain: text(said.domain) };
}
