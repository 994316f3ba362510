import { normaliseHost } from '../access/host.ts';
import { openKeyRing } from '../access/key-ring.ts';
import { makeMissingKeys } from '../access/signing-key.ts';
import { canonicalize } from '../domain/canonical.ts';
import type { Changes, Given } from '../domain/decision.ts';
import { ledgerEvent } from '../domain/ledger.ts';
import { nextProgramVersion } from '../domain/program.ts';
import { rewardsMode } from '../domain/qualification.ts';
import { type Issue, invariant, ok, type Result, refuse } from '../domain/result.ts';
import { tell } from '../domain/stage.ts';
import { canonicalOrigin, parseVendorConfig, rateLimits, type VendorConfig } from '../domain/vendor.ts';
import type { PublishedEvent } from '../domain/work-changes.ts';
import { type AdminDeps, attempts, givenFor } from './admin-deps.ts';
import { grantedScopes } from './create-key.ts';
import { renewedCapabilities } from './signed-capabilities.ts';
import { loadVendorState, type VendorState } from './vendor-state.ts';

export interface VendorFileGiven {
  /** The vendor file, as parsed JSON. */
  readonly raw: unknown;
  /** Canonical origin, no trailing slash; otherwise the file's first host. */
  readonly origin?: string;
  /** Hosts to serve at; otherwise the file's. In the embedded default, `localhost` stands for this machine at any port. */
  readonly hosts?: readonly string[];
}

/** What applying came to. */
export interface Applied {
  readonly tenant: string;
  readonly origin: string;
  readonly hosts: readonly string[];
  readonly revision: number;
  readonly program: { readonly id: string; readonly version: number; readonly sha256: string };
  /** What was written; nothing when everything stood as the file says. */
  readonly changed: readonly ('tenant' | 'vendor' | 'program' | 'keys' | 'payments' | 'capabilities')[];
}

export type ApplyRefusal = 'request.invalid' | 'resource.conflict' | 'ledger.busy';

/**
 * Makes a tenant what a vendor file says: a new configuration version, new program terms under the next version number, missing signing
 * keys, and a fresh signed capabilities document, all in one commit. Applying the same again writes nothing. Which tenant is meant
 * follows from the hosts; where none of them is served yet, a new one opens.
 * Refuses an invalid file with its issues, hosts of several tenants, and a file of another vendor or program.
 */
export async function applyVendor(deps: AdminDeps, given: VendorFileGiven): Promise<Result<Applied, ApplyRefusal>> {
  const parsed = parseVendorConfig(given.raw);
  if (!parsed.ok) return parsed;
  const config = parsed.value;
  const named = given.hosts ?? config.hosts;
  const hosts = [...new Set(named.flatMap((host) => normaliseHost(host) ?? []))].sort();
  const origin = given.origin ?? canonicalOrigin({ ...config, hosts: [...named] });
  if (hosts.length === 0 || origin === null) {
    return refuse('request.invalid', {
      issues: [{ pointer: '/hosts', code: 'required', message: 'Name at least one host at which the vendor is served.' }],
    });
  }
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const state = await loadVendorState(deps, hosts);
    if (state === 'several') return refuse('resource.conflict', { detail: 'The hosts belong to more than one tenant.' });
    const target = { config, hosts, origin, state: state === 'none' ? null : state };
    const issues = identityIssues(config, target.state);
    if (issues.length > 0) return refuse('request.invalid', { detail: 'These hosts serve another vendor or program already.', issues });
    const { changes, applied } = await planChanges(deps, target);
    if (applied.changed.length === 0) return ok(applied);
    const written = await deps.memory.commit(applied.tenant, changes);
    invariant(written !== 'over', 'applying a vendor file counts against no quota');
    if (written === 'done') return ok(applied);
  }
  return refuse('ledger.busy', { retryAfterS: 1 });
}

interface Target {
  readonly config: VendorConfig;
  /** Sorted. */
  readonly hosts: readonly string[];
  readonly origin: string;
  readonly state: VendorState | null;
  /** Signing keys that leave their state. */
  readonly keyStates?: NonNullable<Changes['key_states']>;
  /** The account at Stripe that is to be the tenant's. */
  readonly stripe?: NonNullable<Changes['stripe_account']>;
}

/** A tenant stays one vendor with one program: what was promised under their names was promised by them. */
function identityIssues(config: VendorConfig, state: VendorState | null): Issue[] {
  if (state === null) return [];
  const stored: { readonly vendor?: { readonly id: string }; readonly slug?: string } = JSON.parse(state.desk.program?.terms ?? '{}');
  const message = 'This never changes once it was applied: keep it, or use another host (in the embedded default, another data folder).';
  return [
    ...(stored.vendor?.id === config.vendor.id ? [] : [{ pointer: '/vendor/id', code: 'immutable', message }]),
    ...(stored.slug === config.program.id ? [] : [{ pointer: '/program/id', code: 'immutable', message }]),
  ];
}

/**
 * Decides what has to be written. Applying, issuing the capabilities again, taking a key out of use and connecting an account are the same
 * decision: what a key leaves behind is a missing key, and a document under a key that is not the current one.
 */
export async function planChanges(deps: AdminDeps, target: Target): Promise<{ readonly changes: Changes; readonly applied: Applied }> {
  const { config, hosts, origin, state, keyStates = [], stripe } = target;
  const tenant = state?.desk.tenant_id ?? deps.newId('ten');
  const given = givenFor(deps, tenant, deps.now());
  const createdAt = given.now.toISOString();

  const before = state?.desk.program ?? null;
  const programId = before?.program_id ?? given.newId('prg');
  const program = nextProgramVersion(before && { version: before.version, sha256: before.sha256, bytes: before.terms }, config, programId);
  const published = { id: programId, version: program.version, sha256: program.sha256 };

  const stateOf = new Map(keyStates.map((key) => [key.kid, key.state]));
  const storedKeys = (state?.desk.keys ?? []).map((key) => ({ ...key, state: stateOf.get(key.kid) ?? key.state }));
  const newKeys = await makeMissingKeys(storedKeys, { tenant, masterKey: deps.masterKey, now: given.now, random: given.random });
  const ring = await openKeyRing(tenant, [...storedKeys, ...newKeys], deps.masterKey);
  const statements = {
    config,
    origin,
    program: published,
    rewardsMode: rewardsMode(config.program, { provider: stripe !== undefined || (state?.desk.stripe ?? null) !== null }),
    scopes: grantedScopes,
    resourceMetadata: '/.well-known/oauth-protected-resource',
  } as const;
  const document = await renewedCapabilities(deps, statements, ring, state?.desk.documents?.capabilities, given.now);

  const limits = rateLimits(config);
  const changed: Applied['changed'][number][] = [];
  if (state === null || !isSameTenant(state, { name: config.vendor.name, origin, limits, hosts })) changed.push('tenant');
  if (state === null || canonicalize(state.desk.config) !== canonicalize(config)) changed.push('vendor');
  if (program.changed) changed.push('program');
  if (newKeys.length + keyStates.length > 0) changed.push('keys');
  if (stripe !== undefined) changed.push('payments');
  if (document !== null) changed.push('capabilities');

  const revision = (state?.desk.revision ?? 0) + (changed.length > 0 ? 1 : 0);
  const vendorVersion = { version: (state?.vendorVersion ?? 0) + 1, config, created_at: createdAt };
  const terms = { program_id: programId, version: program.version, sha256: program.sha256, terms: program.bytes, created_at: createdAt };
  const event = () =>
    ledgerEvent(given, tenant, {
      kind: 'program.published',
      subjectId: programId,
      organizationId: null,
      facts: { program_version: program.version, terms_sha256: program.sha256 },
    });
  return {
    applied: { tenant, origin, hosts, revision, program: published, changed },
    changes: {
      tenant: { name: config.vendor.name, origin, revision, limits, hosts, created_at: state?.createdAt ?? createdAt },
      ...(changed.includes('vendor') ? { vendor_versions: [vendorVersion] } : {}),
      ...(program.changed ? { program_versions: [terms], ledger_events: [event()] } : {}),
      ...(newKeys.length > 0 ? { signing_keys: newKeys } : {}),
      ...(keyStates.length > 0 ? { key_states: keyStates } : {}),
      ...(stripe === undefined ? {} : { stripe_account: stripe }),
      ...(document === null ? {} : { documents: [document], events: [updated(tenant, document, given)] }),
      due: [
        { kind: 'expire', at: createdAt },
        { kind: 'qualify', at: createdAt },
      ],
    },
  };
}

function updated(tenant: string, { body, etag }: { readonly body: string; readonly etag: string }, given: Given): PublishedEvent {
  const { document_id }: { readonly document_id?: unknown } = JSON.parse(body);
  return tell(given, { type: 'capabilities.updated', organization_id: null, subject_id: tenant, data: { document: document_id, etag } });
}

function isSameTenant(state: VendorState, next: { name: string; origin: string; limits: object; hosts: readonly string[] }): boolean {
  const { desk, hosts, limits } = state;
  const sameHosts = hosts.length === next.hosts.length && next.hosts.every((host) => hosts.includes(host));
  return desk.name === next.name && desk.origin === next.origin && limits === canonicalize(next.limits) && sameHosts;
}
