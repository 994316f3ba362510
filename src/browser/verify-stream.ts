import { checksOfNote, type Ed25519Check, parseSignedNote, type SignedNote } from '../domain/checkpoint.ts';
import { parseJson } from '../domain/verification/export-lines.ts';
import type { Jwks } from '../domain/verification/jwks.ts';
import { LineSplitter } from '../domain/verification/line-splitter.ts';
import { portableHashing } from '../domain/verification/primitives.ts';
import { type Broken, brokenAt, type Fault, type Verified } from '../domain/verification/report.ts';
import { Verification } from '../domain/verification/verification.ts';

/** Where the export comes from, what it is held against, and who is told how far it is. */
export interface Verifying {
  /** Asks for the export from its beginning (null), or from where it broke off. */
  readonly ask: (cursor: string | null) => Promise<Response>;
  /** The signed note that was verified here before; null: none. */
  readonly kept: string | null;
  readonly onProgress: (progress: { readonly blocks: number; readonly leaves: number }) => void;
}

/** `signature`: false where this browser cannot verify Ed25519, so that only hashes were. */
export type Outcome =
  | Broken
  | (Verified & { readonly note: string; readonly signature: boolean })
  | { readonly ok: false; readonly code: 'unreachable' };

/**
 * Verifies an export while it streams in, by the code that `npm run ledger:verify` runs, with hashes of ours and signatures of WebCrypto.
 * A stream that breaks off is asked for again from its cursor, as long as it gets further.
 */
export async function verifyStream({ ask, kept, onProgress }: Verifying): Promise<Outcome> {
  const before = kept === null ? null : parseSignedNote(kept);
  const signed = new Signed(before);
  const means = { hashing: portableHashing, faultOfNote: signed.take };
  const verification = new Verification(means, before ? { checkpoints: [before] } : {});
  const read = { note: '', cursor: null as string | null };
  do {
    const from = read.cursor;
    const response = await ask(from).catch(() => null);
    if (!response?.ok || response.body === null) return { ok: false, code: 'unreachable' };
    read.cursor = null;
    for await (const lines of linesOf(response.body)) {
      for (const line of lines) {
        const broken = verification.take(line);
        if (broken) return broken;
        lookFor(line, read);
      }
      onProgress(verification.progress);
    }
    // The same cursor again: it gets no further.
    if (read.cursor === from && from !== null) break;
  } while (read.cursor !== null);
  const report = verification.finish(0);
  if (!report.ok) return report;
  const signature = await signed.verify();
  return signature === false
    ? brokenAt({}, { code: 'signature.invalid', message: 'The signature of this checkpoint is not over this text.' })
    : { ...report, note: read.note, signature: signature === true };
}

/** The signature of the export's checkpoint, for later: WebCrypto answers when it can. */
class Signed {
  readonly #before: SignedNote | null;
  #checks: readonly Ed25519Check[] = [];

  constructor(before: SignedNote | null) {
    this.#before = before;
  }

  readonly take = (note: SignedNote, keys: Jwks): Fault | null => {
    // Verified when it was kept; its key may have gone since.
    if (note === this.#before) return null;
    this.#checks = checksOfNote(note, keys);
    const message = 'No known key has the key hash of this checkpoint’s signature.';
    return this.#checks.length === 0 ? { code: 'key.unknown', message } : null;
  };

  /** Null: this browser has no Ed25519. */
  async verify(): Promise<boolean | null> {
    try {
      for (const { publicKey, signature, message } of this.#checks) {
        const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
        if (await crypto.subtle.verify('Ed25519', key, signature, message)) return true;
      }
      return false;
    } catch {
      return null;
    }
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const splitter = new LineSplitter();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || splitter.isOver) break;
      yield splitter.take(decoder.decode(value, { stream: true }));
    }
    yield [...splitter.take(decoder.decode()), ...splitter.end()];
  } finally {
    // Whoever stops at what is broken wants no more of it.
    await reader.cancel().catch(() => undefined);
  }
}

/** Keeps the note of the checkpoint, and the cursor of a line that says where it broke off. */
function lookFor(line: string, read: { note: string; cursor: string | null }): void {
  if (!line.startsWith('{"line":"checkpoint"') && !line.startsWith('{"line":"error"')) return;
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null) return;
  if ('signed_note' in value && typeof value.signed_note === 'string') read.note = value.signed_note;
  if ('cursor' in value && typeof value.cursor === 'string') read.cursor = value.cursor;
}
