import type { SignedNote } from '../../src/domain/checkpoint.ts';
import type { Jwks } from '../../src/domain/verification/jwks.ts';
import type { Report } from '../../src/domain/verification/report.ts';
import { Verification } from '../../src/domain/verification/verification.ts';
import { faultOfNote } from './ed25519.ts';
import { opensslHashing } from './openssl-hashing.ts';
import { ReceiptSearch } from './receipt-search.ts';

/** What an export is held against besides itself. */
export interface Against {
  /** Members of a JWK Set from elsewhere. Without it the export's own keys are used, which shows consistency only. */
  readonly keys?: Jwks;
  /** Checkpoints kept outside: the export has to continue each of them. */
  readonly checkpoints?: readonly SignedNote[];
  /** Contents of receipt files: the export has to hold each of their entries. */
  readonly receipts?: readonly string[];
}

/** Verifies an export line by line, with OpenSSL. Stops at the first thing that is broken and says where. */
export async function verifyExport(lines: AsyncIterable<string> | Iterable<string>, against: Against = {}): Promise<Report> {
  const started = performance.now();
  const receipts = new ReceiptSearch(against.receipts ?? []);
  const verification = new Verification({ hashing: opensslHashing, faultOfNote }, { ...against, receipts });
  for await (const line of lines) {
    const broken = verification.take(line);
    if (broken) return broken;
  }
  return verification.finish((performance.now() - started) / 1000);
}
