import { checkpointOrigin } from '../../src/domain/checkpoint.ts';
import type { Jwks } from '../../src/domain/verification/jwks.ts';
import type { LedgerBody } from '../../src/domain/verification/ledger-body.ts';
import type { OutsideCheckpoints } from '../../src/domain/verification/outside-checkpoints.ts';
import type { Fault, FoundReceipt } from '../../src/domain/verification/report.ts';
import type { ReceiptsSought } from '../../src/domain/verification/verification.ts';
import { parseReceiptFile, type Receipt, readReceipt } from './read-receipt.ts';
import { faultOfProof } from './verify-receipt.ts';

/** Receipts whose entries are looked for while an export goes by. */
export class ReceiptSearch implements ReceiptsSought {
  readonly #files: readonly string[];
  readonly #byLeaf = new Map<string, Receipt>();
  readonly #byEntry = new Map<string, Receipt>();
  readonly #found: FoundReceipt[] = [];

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  get found(): readonly FoundReceipt[] {
    return this.#found;
  }

  /** Verifies every receipt by itself. The checkpoint that one came with is one more that the export has to continue. */
  open(keys: Jwks, outside: OutsideCheckpoints, origin: string): Fault | null {
    for (const text of this.#files) {
      const file = parseReceiptFile(text);
      if ('code' in file) return file;
      const receipt = readReceipt(file.jws, keys);
      if ('code' in receipt) return receipt;
      const { entry } = receipt;
      if (checkpointOrigin(receipt.origin, receipt.tenant) !== origin)
        return { code: 'receipt.contradicts', message: 'This receipt is of another ledger than the export.', entry };
      const fault = faultOfProof(file, receipt, keys);
      if (fault) return { ...fault, entry };
      if (file.proven) outside.add(file.proven.note);
      this.#byLeaf.set(receipt.leaf, receipt);
      this.#byEntry.set(entry, receipt);
    }
    return null;
  }

  /** Looks at one leaf; nothing when no receipt is about it, or when the receipt says the same. */
  look(seen: { leaf: string; block: number; index: number; body: LedgerBody | null }): Fault | null {
    if (this.#byLeaf.size === 0) return null;
    const receipt = this.#byLeaf.get(seen.leaf) ?? this.#byEntry.get(seen.body?.entry ?? '');
    if (receipt === undefined) return null;
    const { entry } = receipt;
    if (receipt.leaf !== seen.leaf) {
      const message = 'The entry of this receipt has another leaf in the export than the one that was promised.';
      return { code: 'receipt.contradicts', message, entry, expected: receipt.leaf, found: seen.leaf };
    }
    const contradicted = seen.body && claimContradicted(receipt, seen.body);
    if (contradicted)
      return { code: 'receipt.contradicts', message: `The receipt and its entry do not agree on the ${contradicted}.`, entry };
    this.#found.push({ entry, block: seen.block, index: seen.index, as: seen.body ? 'body' : 'hash' });
    return null;
  }

  /** Nothing when every receipt was found. `sealedAt`: when the export's last block was sealed. */
  faultAtEnd(sealedAt: string): Fault | null {
    const found = new Set(this.#found.map(({ entry }) => entry));
    const missing = [...this.#byEntry.values()].find(({ entry }) => !found.has(entry));
    if (missing === undefined) return null;
    const isDue = missing.sealBy === null || missing.sealBy <= Date.parse(sealedAt);
    const message = isDue
      ? 'The entry of this receipt is not in the export.'
      : 'The entry of this receipt is not in the export, which was sealed before the time that the receipt promises: ask for a later one.';
    return { code: 'receipt.missing', message, entry: missing.entry, expected: missing.leaf };
  }
}

/** The first claim that a body says otherwise, in words; null when they agree. */
function claimContradicted(receipt: Receipt, { entry, facts }: LedgerBody): string | null {
  const { terms } = receipt;
  const recorded = typeof facts.recorded_at === 'string' ? Math.floor(Date.parse(facts.recorded_at) / 1000) : null;
  if (entry !== receipt.entry) return 'entry';
  if (facts.subject !== receipt.subject) return 'subject';
  if (facts.organization !== receipt.organization) return 'organization';
  if (recorded !== receipt.issuedAt) return 'time';
  if (terms === null) return null;
  const isSame = facts.program === terms.programId && facts.program_version === terms.version && facts.terms_sha256 === terms.sha256;
  return isSame ? null : 'terms';
}
