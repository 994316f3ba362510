import type { Operation } from '../../operations/operation.ts';
import { asksForPasskey } from '../../operations/passkeys/asks-first.ts';
import type { Scene } from '../ledger/definition.ts';
import { administrationWords } from '../words/administration.ts';

/** Says before anything is typed that a passkey will be asked for, and leads there and back. */
export function PasskeyFirst({ operation, scene }: { operation: Operation; scene: Scene }) {
  const { principal, now, url, locale } = scene;
  if (!asksForPasskey(operation, principal, now)) return null;
  const words = administrationWords[locale];
  return (
    <p class="said tone info">
      {words.passkeyFirst} <a href={`/step-up?next=${encodeURIComponent(url.pathname + url.search)}`}>{words.usePasskey}</a>
    </p>
  );
}
