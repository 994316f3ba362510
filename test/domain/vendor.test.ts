import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vendorReference, writeVendorReference } from '../../scripts/emit-vendor-docs.ts';
import { canonicalOrigin, parseVendorConfig, rateLimits, type VendorConfig, VendorFile } from '../../src/domain/vendor.ts';
import ledgerbridge from '../../vendor/ledgerbridge.json' with { type: 'json' };
import quayside from '../support/second-vendor.json' with { type: 'json' };

/** The demo vendor with some values replaced; `undefined` removes one. */
function changed(changes: Readonly<Record<string, unknown>>): object {
  const copy = structuredClone(ledgerbridge);
  for (const [pointer, value] of Object.entries(changes)) {
    const keys = pointer.split('/').slice(1);
    const last = keys.pop() ?? '';
    let at: unknown = copy;
    for (const key of keys) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined;
    if (typeof at !== 'object' || at === null) throw new Error(`nothing at ${pointer}`);
    if (value === undefined) Reflect.deleteProperty(at, last);
    else Reflect.set(at, last, value);
  }
  return copy;
}

function issues(raw: unknown): { pointer: string; code: string; message: string }[] {
  const result = parseVendorConfig(raw);
  return result.ok ? [] : [...(result.issues ?? [])];
}

function config(raw: unknown): VendorConfig {
  const result = parseVendorConfig(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

describe('the vendor files that ship', () => {
  it('accepts the demo vendor, with the offer of the main story', () => {
    const vendor = config(ledgerbridge);
    expect(vendor.performance.map((figure) => [figure.p50, figure.p95, figure.p99])).toEqual([[42, 120, 188]]);
    expect(vendor.pricing.tiers.map((tier) => tier.amount_minor)).toEqual([0, 9900, 49900, null]);
    expect(vendor.compliance.map((row) => row.framework)).toEqual(['soc2-type2', 'iso27001', 'gdpr-dpa', 'hipaa-baa']);
    expect(vendor.provisioning.anonymous).toEqual({ burst: 20, per_hour: 60, active_workspaces: 100 });
  });

  it('accepts a second vendor that shares nothing with the first', () => {
    const [first, second] = [config(ledgerbridge), config(quayside)];
    expect(second.vendor.id).not.toBe(first.vendor.id);
    expect(canonicalOrigin(second)).toBe('https://desk.quayside.example');
    expect(second.pricing.currency).not.toBe(first.pricing.currency);
    const shared = second.features.filter((feature) => first.features.some((other) => other.id === feature.id));
    expect(shared).toEqual([]);
  });
});

describe('defaults', () => {
  it('fills in the limits and the attribution of the contract', () => {
    const vendor = config(changed({ '/program/attribution': undefined, '/provisioning': undefined }));
    expect(vendor.provisioning).toEqual({
      default_ttl_hours: 72,
      max_ttl_hours: 168,
      rows_per_workspace: 10_000,
      anonymous: { burst: 20, per_hour: 60, active_workspaces: 3 },
      strangers: { burst: 600, per_hour: 1200 },
      key_bound: { burst: 200, per_second: 10, active_workspaces: 10 },
      api_key: { burst: 2000, per_second: 100, active_workspaces: 1000 },
    });
    expect(vendor.program.attribution).toEqual({ model: 'last_touch', window_days: 90, grace_days: 4, declared_alone_qualifies: false });
    expect(rateLimits(vendor)).toMatchObject({
      anonymous: { q: 20, w: 1200 },
      strangers: { q: 600, w: 1800 },
      key_bound: { q: 200, w: 20 },
      api_key: { q: 2000, w: 20 },
    });
  });

  it('has no canonical origin without hosts, and plain http only for localhost', () => {
    expect(canonicalOrigin(config(ledgerbridge))).toBeNull();
    expect(canonicalOrigin(config(changed({ '/hosts': ['localhost:8787'] })))).toBe('http://localhost:8787');
    expect(canonicalOrigin(config(changed({ '/hosts': ['localhost.example'] })))).toBe('https://localhost.example');
  });
});

describe('a single field is refused with its pointer', () => {
  it.each([
    ['/vendor/name', undefined, 'required'],
    ['/vendor/name', 7, 'type'],
    ['/vendor/name', 'Ledger\u202eBridge', 'text_unsafe'],
    ['/vendor/name', ' LedgerBridge', 'text_unsafe'],
    ['/vendor/name', 'x'.repeat(81), 'too_long'],
    ['/vendor/id', 'Ledger Bridge', 'format'],
    ['/vendor/url', 'http://ledgerbridge.example', 'format'],
    ['/vendor/url', 'https://user:secret@ledgerbridge.example/', 'format'],
    ['/signup_url', 'javascript:alert(1)', 'format'],
    ['/vendor/contacts', [], 'too_short'],
    ['/hosts', ['https://x.example'], 'format', '/hosts/0'],
    ['/hosts', ['x.example:443'], 'format', '/hosts/0'],
    ['/pricing/currency', 'USD', 'format'],
    ['/pricing/currency', 'xyz', 'currency_unknown'],
    ['/pricing/tiers/1/amount_minor', 99.5, 'type'],
    ['/pricing/tiers/1/model', 'auction', 'value'],
    ['/compliance/0/evidence/digest', 'sha256:ABC', 'format'],
    ['/compliance/0/issued_on', '2026-02-30', 'format'],
    ['/performance/0/measured_at', '2026-07-02T06:00:00Z', 'format'],
    ['/provisioning/max_ttl_hours', 169, 'too_big'],
    ['/program/reward/rules/0/model', 'lottery', 'value'],
    ['/program/reward/rules/1/percent_bps', 10_001, 'too_big'],
    ['/program/qualification', [], 'too_short'],
    ['/program/disclosure', 'We pay the agent. You pay us.', 'one_sentence'],
    ['/features/0/limits', { 'Not A Name': 1 }, 'key', '/features/0/limits/Not A Name'],
    ['/surprise', 1, 'unknown_field'],
    ['/program/reward/surprise', 1, 'unknown_field'],
  ])('%s = %j → %s', (pointer, value, code, at = pointer) => {
    expect(issues(changed({ [pointer]: value }))).toEqual([{ pointer: at, code, message: expect.any(String) }]);
  });

  it('accepts http at localhost', () => {
    expect(issues(changed({ '/signup_url': 'http://localhost:3000/signup' }))).toEqual([]);
  });
});

describe('fields that contradict one another are refused', () => {
  const rule = (model: string, terms: object) => ({ id: 'r', side: 'referrer', model, kind: 'external', ...terms });
  const steps = [
    { from_referrals: 1, amount_minor: 100 },
    { from_referrals: 1, amount_minor: 200 },
  ];
  const unlock = rule('unlock', { kind: 'entitlement_unlock', feature_id: 'teleport', days: 5 });
  const first = '/program/reward/rules/0';
  const noCaps = { '/program/reward/caps': [] };

  it.each<[changes: Readonly<Record<string, unknown>>, code: string, at: string]>([
    [{ '/hosts': ['a.example', 'a.example'] }, 'duplicate', '/hosts/1'],
    [{ '/features/1/id': 'field-mapping' }, 'duplicate', '/features/1/id'],
    [{ '/integration_points/1/id': 'hubspot' }, 'duplicate', '/integration_points/1/id'],
    [{ '/compliance/1/id': 'soc2' }, 'duplicate', '/compliance/1/id'],
    [{ '/data_residency/1/region': 'eu' }, 'duplicate', '/data_residency/1/region'],
    [{ '/pricing/tiers/3/id': 'scale', ...tiersWithout('enterprise'), '/sla/tiers': [] }, 'duplicate', '/pricing/tiers/3/id'],
    [{ '/program/reward/rules/1/id': 'referrer-credit' }, 'duplicate', '/program/reward/rules/1/id'],
    [{ '/program/qualification/1/id': 'workspace-claimed' }, 'duplicate', '/program/qualification/1/id'],
    [{ '/program/exclusions/1/id': 'existing-customer' }, 'duplicate', '/program/exclusions/1/id'],
    [{ '/features/1/tiers': ['team', 'platinum'] }, 'reference', '/features/1/tiers/1'],
    [{ '/sla/tiers': ['platinum'] }, 'reference', '/sla/tiers/0'],
    [{ '/compliance/0/evidence': null }, 'evidence_missing', '/compliance/0/evidence'],
    [{ '/compliance/0/auditor': null }, 'auditor_missing', '/compliance/0/auditor'],
    [{ '/compliance/0/expires_on': '2026-05-12' }, 'order', '/compliance/0/expires_on'],
    [{ '/pricing/tiers/1/amount_minor': null }, 'required', '/pricing/tiers/1/amount_minor'],
    [{ '/pricing/tiers/3/amount_minor': 1 }, 'contradiction', '/pricing/tiers/3/amount_minor'],
    [{ '/pricing/tiers/0/amount_minor': 1 }, 'contradiction', '/pricing/tiers/0/amount_minor'],
    [{ '/pricing/tiers/1/interval': null }, 'required', '/pricing/tiers/1/interval'],
    [{ '/pricing/tiers/1/model': 'usage', '/pricing/tiers/1/unit': null }, 'required', '/pricing/tiers/1/unit'],
    [
      { '/pricing/tiers/0/currency_options': [{ amount_minor: 1, currency: 'eur' }] },
      'contradiction',
      '/pricing/tiers/0/currency_options/0/amount_minor',
    ],
    [{ '/pricing/tiers/1/currency_options/0/currency': 'usd' }, 'duplicate', '/pricing/tiers/1/currency_options/0/currency'],
    [{ '/pricing/tiers/1/currency_options/0/currency': 'jpy' }, 'duplicate', '/pricing/tiers/1/currency_options/1/currency'],
    [{ '/performance/0/measured_by': 'frontdesk' }, 'reference', '/performance/0/measured_by'],
    [{ '/performance/0/p95': 41 }, 'order', '/performance/0/p95'],
    [{ '/performance/0/p99': 119 }, 'order', '/performance/0/p99'],
    [{ '/performance/0/window/to': '2026-06-01T00:00:00.000Z' }, 'order', '/performance/0/window/to'],
    [{ '/performance/0/measured_at': '2026-06-30T00:00:00.000Z' }, 'order', '/performance/0/measured_at'],
    [{ '/provisioning/max_ttl_hours': 24 }, 'order', '/provisioning/default_ttl_hours'],
    [{ '/provisioning/api_key/burst': 150 }, 'window', '/provisioning/api_key/burst'],
    [{ '/provisioning/anonymous/per_hour': 100_000 }, 'window', '/provisioning/anonymous/burst'],
    [{ [first]: unlock, ...noCaps }, 'reference', `${first}/feature_id`],
    [{ [first]: rule('flat', { amount_minor: 5005, currency: 'kwd' }), ...noCaps }, 'currency_unit', `${first}/amount_minor`],
    [{ [first]: rule('flat', { amount_minor: 5000, currency: 'isk' }), ...noCaps }, 'currency_unit', `${first}/currency`],
    [{ '/program/reward/caps/0/currency': 'eur' }, 'reference', '/program/reward/caps/0/currency'],
    [{ [first]: rule('percent', { percent_bps: 100, currency: null, cap_minor: 5 }) }, 'contradiction', `${first}/cap_minor`],
    [
      { [first]: rule('recurring_percent', { percent_bps: 100, currency: 'kwd', cap_minor: 5, periods: null }), ...noCaps },
      'currency_unit',
      `${first}/cap_minor`,
    ],
    [{ [first]: rule('tiered', { currency: 'usd', steps }) }, 'order', `${first}/steps/1/from_referrals`],
    [{ '/program/qualification/1/currency': null }, 'contradiction', '/program/qualification/1/currency'],
  ])('%j → %s at %s', (changes, code, at) => {
    expect(issues(changed(changes))).toEqual([{ pointer: at, code, message: expect.any(String) }]);
  });
});

/** Changes that take a tier out of every feature that names it. */
function tiersWithout(tier: string): Record<string, string[]> {
  return Object.fromEntries(
    ledgerbridge.features.flatMap((feature, at) => {
      const kept = (feature.tiers ?? []).filter((name) => name !== tier);
      return feature.tiers?.includes(tier) ? [[`/features/${at}/tiers`, kept]] : [];
    }),
  );
}

describe('a hostile file', () => {
  it('lists every issue up to fifty, and repeats no text of the file in a message', () => {
    const raw = { ...ledgerbridge, ...Object.fromEntries(Array.from({ length: 80 }, (_, at) => [`canary_${at}`, 'canary'])) };
    const found = issues(raw);
    expect(found).toHaveLength(50);
    expect(found.every((issue) => issue.code === 'unknown_field' && !issue.message.includes('canary'))).toBe(true);
    expect(new Set(found.map((issue) => issue.pointer)).size).toBe(50);
  });

  it('never repeats a wrong value', () => {
    for (const pointer of [
      '/vendor/name',
      '/vendor/id',
      '/vendor/url',
      '/pricing/currency',
      '/features/0/status',
      '/program/reward/rules/0/model',
    ]) {
      const found = issues(changed({ [pointer]: 'canary\u0000canary' }));
      expect(found.length).toBeGreaterThan(0);
      expect(JSON.stringify(found)).not.toContain('canary');
    }
  });

  it('escapes pointers by RFC 6901 and leaves out a key that is too long to show', () => {
    expect(issues(changed({ '/vendor': { ...ledgerbridge.vendor, 'a/b~c': 1 } }))[0]?.pointer).toBe('/vendor/a~1b~0c');
    expect(issues(changed({ '/vendor': { ...ledgerbridge.vendor, ['k'.repeat(5000)]: 1 } }))[0]?.pointer).toBe('/vendor');
  });

  it('refuses prototype keys, depth, size and cycles before it looks at fields', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const proto: unknown = JSON.parse('{"vendor":{"__proto__":{"id":"x"}}}');
    expect(issues(proto)).toMatchObject([{ pointer: '/vendor/__proto__', code: 'unknown_field' }]);
    expect(issues(cycle)).toMatchObject([{ code: 'too_deep' }]);
    expect(issues({ features: Array.from({ length: 30_000 }, () => 0) })).toMatchObject([{ pointer: '', code: 'too_large' }]);
  });

  it.each([[null], [undefined], [1], ['text'], [[]], [true]])('refuses %j', (raw) => {
    expect(issues(raw)).toMatchObject([{ pointer: '' }]);
  });
});

describe('the emitted reference', () => {
  const { schema, markdown } = vendorReference();
  const fields = [...properties(schema, '')];

  it('describes every field in one sentence', () => {
    expect(fields.length).toBeGreaterThan(100);
    expect(fields.filter(({ description }) => !/^[A-Z][^\n]*\.$/.test(description) || /\.\s/.test(description))).toEqual([]);
  });

  it('names every field in the markdown', () => {
    expect(fields.filter(({ name }) => !markdown.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('is a JSON Schema that accepts the vendor files and refuses what the parser refuses', () => {
    const editor = z.fromJSONSchema(z.toJSONSchema(VendorFile, { io: 'input' }));
    expect(editor.safeParse(ledgerbridge).error).toBeUndefined();
    expect(editor.safeParse(quayside).error).toBeUndefined();
    expect(editor.safeParse(changed({ '/surprise': 1 })).success).toBe(false);
    expect(editor.safeParse(changed({ '/pricing/tiers': [] })).success).toBe(false);
  });

  it('is written to the two files that hold it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vendor-reference-'));
    try {
      writeVendorReference(pathToFileURL(`${folder}/`));
      expect(JSON.parse(readFileSync(join(folder, 'openapi/vendor.schema.json'), 'utf8'))).toEqual(schema);
      expect(readFileSync(join(folder, 'docs/vendor-configuration.md'), 'utf8')).toBe(markdown);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function* properties(schema: unknown, path: string): Generator<{ path: string; name: string; description: string }> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && typeof value === 'object' && value !== null) {
      for (const [name, field] of Object.entries<{ description?: string }>(value)) {
        yield { path: `${path}/${name}`, name, description: field.description ?? '' };
        yield* properties(field, `${path}/${name}`);
      }
    } else {
      yield* properties(value, path);
    }
  }
}

describe('the evidence that the demo vendor names', () => {
  it.each(ledgerbridge.compliance.map(({ evidence }) => evidence))(
    '$url is a document of this repository with that digest',
    ({ url, digest }) => {
      const document = readFileSync(new URL(`../../vendor/evidence/${url.split('/').at(-1)}`, import.meta.url));
      expect(`sha256:${createHash('sha256').update(document).digest('hex')}`).toBe(digest);
    },
  );
});
