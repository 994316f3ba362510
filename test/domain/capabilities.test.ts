import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  buildCapabilities,
  CapabilitiesDocument,
  type CapabilitiesInput,
  capabilitiesSigningInput,
} from '../../src/domain/capabilities.ts';
import { nextProgramVersion } from '../../src/domain/program.ts';
import { parseVendorConfig, type VendorConfig } from '../../src/domain/vendor.ts';
import ledgerbridge from '../../vendor/ledgerbridge.json' with { type: 'json' };
import quayside from '../support/second-vendor.json' with { type: 'json' };

const programId = 'prg_01h455vb4pex5vsknk084sn02q';
const origin = 'https://desk.vendor.example';
const signatures = [{ protected: 'eyJhbGciOiJFZERTQSJ9', signature: 'c2lnbmF0dXJl' }];

function config(raw: unknown): VendorConfig {
  const result = parseVendorConfig(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

function input(vendor: VendorConfig, changes: Partial<CapabilitiesInput> = {}): CapabilitiesInput {
  const { version, sha256 } = nextProgramVersion(null, vendor, programId);
  return {
    config: vendor,
    origin,
    program: { id: programId, version, sha256 },
    issuedAt: '2026-07-03T00:00:00.000Z',
    validUntil: '2026-07-10T00:00:00.000Z',
    documentId: 'cap_1',
    rewardsMode: 'escrow',
    scopes: ['workspaces:provision', 'referrals:create'],
    ...changes,
  };
}

const demo = config(ledgerbridge);

describe('the document', () => {
  it.each([
    ['the demo vendor', demo],
    ['the second vendor', config(quayside)],
  ])('is of its schema for %s, once signed', (_name, vendor) => {
    const document = { ...buildCapabilities(input(vendor)), signatures };
    expect(CapabilitiesDocument.parse(document)).toEqual(document);
    const published = z.fromJSONSchema(z.toJSONSchema(CapabilitiesDocument));
    expect(published.safeParse(document).error).toBeUndefined();
  });

  it('has exactly the fields of the contract, signatures aside', () => {
    expect(Object.keys(buildCapabilities(input(demo)))).toEqual(
      'schema_version document_id issued_at valid_until vendor product features integration_points compliance data_residency pricing performance sla provisioning referral auth rate_limits links'.split(
        ' ',
      ),
    );
  });

  it('holds nothing of the file that is not public', () => {
    const text = JSON.stringify(buildCapabilities(input(config(quayside), { origin: 'https://other.example' })));
    expect(text).not.toContain('desk.quayside.example');
    expect(text).not.toContain('$schema');
  });

  it('quotes the terms by id, version, hash and address', () => {
    const given = input(demo);
    expect(buildCapabilities(given).referral).toMatchObject({
      program_id: programId,
      terms_version: 1,
      terms_sha256: given.program.sha256,
      terms_url: `${origin}/v1/programs/${programId}/versions/1`,
      hold_days: 14,
      rewards_mode: 'escrow',
    });
  });

  it('refuses to quote a hash of other terms', () => {
    const other = input(config(quayside)).program;
    expect(() => buildCapabilities(input(demo, { program: other }))).toThrow(/invariant broken/);
    expect(() => buildCapabilities(input(demo, { validUntil: '2026-07-03T00:00:00.000Z' }))).toThrow(/invariant broken/);
  });

  it('publishes limits as quota and window in seconds', () => {
    const { rate_limits, provisioning } = buildCapabilities(input(demo));
    expect(rate_limits).toEqual(
      expect.arrayContaining([
        { policy: 'anonymous', q: 20, w: 1200 },
        { policy: 'strangers', q: 600, w: 1800 },
        { policy: 'key_bound', q: 200, w: 20 },
        { policy: 'api_key', q: 2000, w: 20 },
        { policy: 'organization', q: 4000, w: 20 },
      ]),
    );
    expect(provisioning).toEqual({
      endpoint: `${origin}/v1/workspaces/provision`,
      auth: ['anonymous', 'api_key'],
      ttl: { default_hours: 72, max_hours: 168 },
      limits: { rows_per_workspace: 10_000, active_workspaces: { anonymous: 100, key_bound: 10, api_key: 1000 } },
      schema_formats: ['json-schema'],
      hosts: ['built_in'],
    });
  });
});

describe('what is not built is null', () => {
  it('gives only the addresses that every deployment serves', () => {
    const { links, auth } = buildCapabilities(input(demo));
    const served = Object.fromEntries(Object.entries(links).filter(([, link]) => link?.startsWith(origin)));
    expect(served).toEqual({
      openapi: `${origin}/openapi.json`,
      docs: `${origin}/docs`,
      mcp: `${origin}/mcp`,
      jwks: `${origin}/.well-known/jwks.json`,
    });
    expect(auth).toMatchObject({ resource_metadata: null, agent_auth: null });
  });

  it('gives a further address once the caller says that it is served', () => {
    const document = buildCapabilities(input(demo, { links: { llms_txt: '/llms.txt' }, agentAuth: '/auth.md' }));
    expect(document.links.llms_txt).toBe(`${origin}/llms.txt`);
    expect(document.links.arazzo).toBeNull();
    expect(document.auth.agent_auth).toBe(`${origin}/auth.md`);
  });

  it("states only the vendor's own figures, under the vendor's name", () => {
    expect(buildCapabilities(input(demo)).performance.map((figure) => figure.measured_by)).toEqual(['ledgerbridge']);
    expect(buildCapabilities(input(config(quayside))).performance).toEqual([]);
  });
});

describe('capabilitiesSigningInput', () => {
  const unsigned = buildCapabilities(input(demo));
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

  it('is the same with and without signatures, and in any order of keys', () => {
    const signed = { ...unsigned, signatures };
    const received = CapabilitiesDocument.parse(JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(signed).reverse()))));
    expect(text(capabilitiesSigningInput(signed))).toBe(text(capabilitiesSigningInput(unsigned)));
    expect(text(capabilitiesSigningInput(received))).toBe(text(capabilitiesSigningInput(unsigned)));
  });

  it('is sorted, compact JSON that holds every field but the signatures', () => {
    const bytes = text(capabilitiesSigningInput({ ...unsigned, signatures }));
    expect(JSON.parse(bytes)).toEqual(unsigned);
    expect(bytes.startsWith('{"auth":{"agent_auth":null,"methods":["anonymous","api_key"],')).toBe(true);
  });

  it('changes with any field', () => {
    const later = { ...unsigned, valid_until: '2026-07-11T00:00:00.000Z' };
    expect(text(capabilitiesSigningInput(later))).not.toBe(text(capabilitiesSigningInput(unsigned)));
  });
});
