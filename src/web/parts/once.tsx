import type { Locale } from '../locale.ts';
import type { Content } from '../markup.ts';
import { administrationWords } from '../words/administration.ts';
import { shellWords } from '../words/shell.ts';

interface OnceProps {
  readonly title: string;
  /** Null where it was shown before. */
  readonly secret: string | null;
  /** A request that shows that it works. */
  readonly call?: string;
  /** Where to go on. */
  readonly back: string;
  readonly locale: Locale;
  readonly children?: Content;
}

/** A secret, the one time that it is shown. */
export function Once({ title, secret, call, back, locale, children }: OnceProps) {
  const words = administrationWords[locale];
  return (
    <>
      <div class="head">
        <h1>{title}</h1>
      </div>
      <section class="panel stack">
        {secret === null ? (
          <p>{words.secretGone}</p>
        ) : (
          <>
            <p class="row">
              <code id="secret">{secret}</code> <Copy of="#secret" locale={locale} />
            </p>
            <p class="said tone warn">{words.secretOnce}</p>
          </>
        )}
        {children}
        {secret === null || call === undefined ? null : (
          <>
            <div class="row">
              <h2>{words.tryIt}</h2> <Copy of="#call" locale={locale} />
            </div>
            <pre id="call" tabindex={0}>
              {call}
            </pre>
          </>
        )}
        <p>
          <a class="button" href={back}>
            {words.back}
          </a>
        </p>
      </section>
    </>
  );
}

/** Copies a text, or what stands in the element that is named with `#`. */
function Copy({ of, locale }: { of: string; locale: Locale }) {
  return (
    <button type="button" class="copy needs-script" data-copy={of}>
      {shellWords[locale].copy}
    </button>
  );
}
