import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalTerms, nextProgramVersion, ProgramTerms, programTerms } from '../../src/domain/program.ts';
import { parseVendorConfig, type VendorConfig } from '../../src/domain/vendor.ts';
import ledgerbridge from '../../vendor/ledgerbridge.json' with { type: 'json' };
import quayside from '../support/second-vendor.json' with { type: 'json' };

const programId = 'prg_01h455vb4pex5vsknk084sn02q';

function config(raw: unknown): VendorConfig {
  const result = parseVendorConfig(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

const demo = config(ledgerbridge);
const withProgram = (changes: Partial<VendorConfig['program']>): VendorConfig => ({ ...demo, program: { ...demo.program, ...changes } });

describe('programTerms', () => {
  it.each([
    ['the demo vendor', demo],
    ['the second vendor', config(quayside)],
  ])('are of the wire form for %s', (_name, vendor) => {
    const terms = programTerms(vendor, { programId, version: 3 });
    expect(ProgramTerms.parse(terms)).toEqual(terms);
    expect(terms).toMatchObject({ program_id: programId, version: 3, vendor: { id: vendor.vendor.id, name: vendor.vendor.name } });
  });

  it('hold everything that the program section of the file says', () => {
    const { id, ...said } = demo.program;
    expect(programTerms(demo, { programId, version: 1 })).toMatchObject({ slug: id, ...said });
  });

  it('hold nothing else of the file', () => {
    const terms = programTerms(demo, { programId, version: 1 });
    const known = ['program_id', 'version', 'vendor', 'slug', ...Object.keys(demo.program).filter((key) => key !== 'id')];
    expect(Object.keys(terms).sort()).toEqual(known.sort());
  });
});

describe('canonicalTerms', () => {
  const terms = programTerms(demo, { programId, version: 1 });

  it('are sorted, compact JSON with the SHA-256 of its UTF-8 bytes', () => {
    const { bytes, sha256 } = canonicalTerms({ ...terms, name: 'Empfehlungen für Agenten €' });
    expect(bytes.startsWith('{"attribution":{"declared_alone_qualifies":false,"grace_days":4,')).toBe(true);
    expect(sha256).toBe(createHash('sha256').update(bytes, 'utf8').digest('hex'));
  });

  it('do not depend on the order of keys', () => {
    const { attribution, program_id, ...rest } = terms;
    const { model, ...policy } = attribution;
    const shuffled: ProgramTerms = { ...rest, program_id, attribution: { ...policy, model } };
    expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(terms));
    expect(canonicalTerms(shuffled)).toEqual(canonicalTerms(terms));
  });

  it('keep their hash from release to release', () => {
    expect(canonicalTerms(terms).sha256).toBe('eeaafa28e6807a864183fb4ae329ff90175642317666842fa160bd1430359b18');
  });
});

describe('nextProgramVersion', () => {
  const first = nextProgramVersion(null, demo, programId);

  it('starts at 1', () => {
    expect(first).toEqual({ version: 1, changed: true, ...canonicalTerms(programTerms(demo, { programId, version: 1 })) });
  });

  it('returns the same version, byte for byte, while the terms say the same', () => {
    expect(nextProgramVersion(first, config(structuredClone(ledgerbridge)), programId)).toEqual({ ...first, changed: false });
  });

  it('does not make a version of changes outside the terms', () => {
    const elsewhere = { ...demo, product: { ...demo.product, version: '3.0.0' }, performance: [], signup_url: 'https://new.example/join' };
    expect(nextProgramVersion(first, elsewhere, programId).changed).toBe(false);
  });

  it.each<[string, VendorConfig]>([
    ['hold_days', withProgram({ hold_days: 15 })],
    ['referral_ttl_days', withProgram({ referral_ttl_days: 90 })],
    ['attribution', withProgram({ attribution: { ...demo.program.attribution, model: 'first_touch' } })],
    ['self_referral', withProgram({ self_referral: { allow_resellers: true } })],
    ['exclusions', withProgram({ exclusions: [] })],
    ['qualification', withProgram({ qualification: [{ id: 'claimed', kind: 'workspace_claimed' }] })],
    ['reward', withProgram({ reward: { ...demo.program.reward, caps: [] } })],
    ['max_open_declared_per_organization', withProgram({ max_open_declared_per_organization: 10 })],
    ['disclosure', withProgram({ disclosure: 'The agent is paid.' })],
    ['vendor name', { ...demo, vendor: { ...demo.vendor, name: 'LedgerBridge II' } }],
  ])('makes the next version when %s changes', (_name, vendor) => {
    const next = nextProgramVersion(first, vendor, programId);
    expect(next).toMatchObject({ version: 2, changed: true });
    expect(next.sha256).not.toBe(first.sha256);
    expect(JSON.parse(next.bytes)).toMatchObject({ version: 2 });
  });

  it('gives terms that return to what they were a new number and a new hash', () => {
    const second = nextProgramVersion(first, withProgram({ hold_days: 15 }), programId);
    const third = nextProgramVersion(second, demo, programId);
    expect(third).toMatchObject({ version: 3, changed: true });
    expect(third.sha256).not.toBe(first.sha256);
  });

  it('does not build upon stored terms whose bytes do not have their hash', () => {
    const tampered = { ...first, bytes: first.bytes.replace('"hold_days":14', '"hold_days":15') };
    expect(tampered.bytes).not.toBe(first.bytes);
    expect(() => nextProgramVersion(tampered, demo, programId)).toThrow(/invariant broken/);
  });
});
