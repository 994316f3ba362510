import type { Principal, Tier } from './actor.ts';
import type { Scope } from './scopes.ts';

/** Whoever looks at something, as far as what it sees depends on it. */
export type Viewer = 'operator' | 'auditor' | 'channel_manager' | 'partner' | 'backend' | 'agent' | 'workspace' | 'nobody';

/** What somebody sees. */
export interface Sight {
  /** Whose rows: the whole vendor's, those of its organizations, of one workspace, or nobody's. Row-level security says the same. */
  readonly rows: 'all' | 'organizations' | 'workspace' | 'none';
  /** Which questions it may ask: all there are, or those that its scopes name. */
  readonly reads: 'all' | 'scoped';
  /** Names, domains and addresses of the companies that referrals and workspaces are for. */
  readonly prospects: 'whole' | 'masked';
  /** Where an organization's money goes: its customer, its connected account. */
  readonly payees: 'whole' | 'masked' | 'hidden';
  /** Why somebody is credited and somebody else is not, and who decided it. */
  readonly reasons: 'whole' | 'hidden';
}

/**
 * The one table of who sees what, of rows and of fields, whatever the door. An agent sees whole what it brought itself; a person at its
 * organization need not know who its agents' prospects are.
 */
export const visibility: Readonly<Record<Viewer, Sight>> = {
  operator: { rows: 'all', reads: 'scoped', prospects: 'whole', payees: 'whole', reasons: 'whole' },
  auditor: { rows: 'all', reads: 'all', prospects: 'whole', payees: 'whole', reasons: 'whole' },
  channel_manager: { rows: 'organizations', reads: 'scoped', prospects: 'whole', payees: 'hidden', reasons: 'hidden' },
  partner: { rows: 'organizations', reads: 'scoped', prospects: 'masked', payees: 'masked', reasons: 'hidden' },
  backend: { rows: 'all', reads: 'scoped', prospects: 'whole', payees: 'whole', reasons: 'whole' },
  agent: { rows: 'organizations', reads: 'scoped', prospects: 'whole', payees: 'masked', reasons: 'hidden' },
  workspace: { rows: 'workspace', reads: 'scoped', prospects: 'whole', payees: 'hidden', reasons: 'hidden' },
  nobody: { rows: 'none', reads: 'scoped', prospects: 'masked', payees: 'hidden', reasons: 'hidden' },
};

export const sightOf = (principal: Looking): Sight => visibility[viewerOf(principal)];

type Looking = Pick<Principal, 'kind' | 'person'>;

function viewerOf({ kind, person }: Looking): Viewer {
  switch (kind) {
    case 'person':
      return person?.role ?? 'nobody';
    case 'claimant':
      return 'workspace';
    case 'anonymous':
      return 'nobody';
    default:
      return kind;
  }
}

/** Whether the principal is the vendor itself: a back end, an operator, or an auditor. */
export const isStaff = (principal: Looking): boolean => sightOf(principal).rows === 'all';

/**
 * Whether a principal may ask for something that needs this scope; null: every credential is enough. An operator who looks as somebody else
 * changes nothing.
 */
export function mayAsk(
  principal: Pick<Principal, 'kind' | 'person' | 'scopes'>,
  { kind, scope }: { readonly kind: 'document' | 'read' | 'write'; readonly scope: Scope | null },
): boolean {
  if (kind === 'write' && principal.person?.viewing === true) return false;
  if (scope === null) return true;
  if (kind === 'write') return principal.scopes.includes(scope);
  return sightOf(principal).reads === 'all' || principal.scopes.includes(scope);
}

/** Whether the principal is the owner of something that belongs to this organization or is this workspace. Foreign means not found. */
export function owns(principal: Principal, thing: { organizationId: string | null; workspaceId?: string }): boolean {
  switch (sightOf(principal).rows) {
    case 'all':
      return true;
    case 'organizations':
      return thing.organizationId !== null && organizationsOf(principal).includes(thing.organizationId);
    case 'workspace':
      return thing.workspaceId !== undefined && thing.workspaceId === principal.workspaceId;
    case 'none':
      return false;
  }
}

/** The organizations that it acts for. */
function organizationsOf({ organizationId, person }: Principal): readonly string[] {
  return person?.organizationIds ?? (organizationId === null ? [] : [organizationId]);
}

/** The tier of the organization that a reader asks about: it knows its own. */
export const knownTier = ({ kind, tier }: Principal): Tier | null => (kind === 'agent' ? tier : null);

/** What strangers wrote about a company, as this reader may see it: masked, the first letter of each word and the end of the domain stay. */
export function seenProspect(principal: Looking, content: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (sightOf(principal).prospects === 'whole') return content;
  const { prospect } = content;
  // What else is written there may name the company as well.
  return isRecord(prospect) ? { prospect: maskedProspect(prospect) } : {};
}

function maskedProspect({ name, domain }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    ...(typeof name === 'string' && { name: maskedName(name) }),
    ...(typeof domain === 'string' && { domain: maskedDomain(domain) }),
    masked: true,
  };
}

/** `Northwind Freight` → `N••• F•••`: neither the letters nor how many there are. */
export const maskedName = (name: string): string =>
  name
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => `${[...word][0] ?? ''}•••`)
    .slice(0, 4)
    .join(' ');

/** `northwind-freight.example` → `n•••.example`. */
export function maskedDomain(domain: string): string {
  const [first = '', ...rest] = domain.split('.');
  return `${[...first][0] ?? ''}•••.${rest.at(-1) ?? ''}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
