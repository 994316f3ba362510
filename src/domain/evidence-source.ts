import { sha256Hex } from './canonical.ts';

/**
 * What the ledger says that evidence is read from: an id that we gave, or a SHA-256 in hex of what somebody else calls it. A report's id may
 * hold a company's domain, and an export is read by whoever is credited.
 */
export const sourceInLedger = (source: string): string => (isOwnSource(source) ? source : sha256Hex(source));

/** Whether what evidence is read from is named by an id that we gave: a workspace, a token, a visit, a claim, a dispute. */
export const isOwnSource = (source: string): boolean => /^(?:ws|rtk|vis|claim|dsp)_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(source);
