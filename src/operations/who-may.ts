import { type Principal, roles, type Tier, tiers } from '../domain/actor.ts';
import { agentScopes, scopesOfRole, scopesOfTier, staffScopes } from '../domain/scopes.ts';
import { visibility } from '../domain/visibility.ts';
import type { Operation } from './operation.ts';

/** Kinds of callers, in the order of the table. A workspace's key reaches that workspace and nothing else. */
export const callers = [
  'none',
  ...tiers,
  'api_key',
  'back_end',
  'workspace_key',
  ...(['operator', 'channel_manager', 'partner', 'auditor'] as const satisfies typeof roles),
] as const;
export type Caller = (typeof callers)[number];

/**
 * `yes`: the call gets past the door. `own`: it does, and finds and shows only what belongs to the caller. `step_up`: once the person has
 * used a passkey, within the last ten minutes. `no`: 401 without a credential that counts here, else 403.
 */
export type May = 'yes' | 'own' | 'step_up' | 'no';

/** Whether such a caller may ask for this operation: from what it declares, the tiers and the roles, and from nothing else. */
export function whoMay(operation: Asked, caller: Caller): May {
  const { access } = operation;
  if (access === 'public') return 'yes';
  if (caller === 'none') return access.anonymous ? 'yes' : 'no';
  const scopes: readonly string[] = scopesOf(caller);
  const reads = operation.kind === 'read' && isRole(caller) && visibility[caller].reads === 'all';
  if (access.scope !== null && !reads && !scopes.includes(access.scope)) return 'no';
  if (access.stepUp && isRole(caller)) return 'step_up';
  return reachesAll(caller) || !isAboutOwned(operation) ? 'yes' : 'own';
}

/** The most that such a caller can do: an organization's API key may have been given less, a token may have asked for less. */
export function scopesOf(caller: Exclude<Caller, 'none'>): Principal['scopes'] {
  if (isRole(caller)) return scopesOfRole[caller];
  if (isTier(caller)) return scopesOfTier[caller];
  switch (caller) {
    case 'api_key':
      return agentScopes;
    case 'back_end':
      return [...agentScopes, ...staffScopes];
    case 'workspace_key':
      return ['workspaces:read', 'workspaces:write'];
  }
}

const reachesAll = (caller: Caller): boolean => caller === 'back_end' || caller === 'operator' || caller === 'auditor';
const isRole = (caller: Caller): caller is (typeof roles)[number] => roles.some((role) => role === caller);
const isTier = (caller: Caller): caller is Tier => tiers.some((tier) => tier === caller);

type Asked = Pick<Operation, 'kind' | 'access' | 'input' | 'output'>;

/** Whether it names something that has an owner, or lists such things. The program's terms are everybody's. */
function isAboutOwned({ kind, input, output }: Asked): boolean {
  const names = Object.keys(input.shape).filter((field) => field.endsWith('_id') && field !== 'program_id');
  return names.length > 0 || (kind === 'read' && isList(output));
}

function isList(output: Operation['output']): boolean {
  const shape: unknown = 'shape' in output ? output.shape : null;
  return typeof shape === 'object' && shape !== null && 'data' in shape;
}

const words: Readonly<Record<May, string>> = { yes: 'yes', own: 'own', step_up: 'step-up', no: '–' };
const heads: Readonly<Record<Caller, string>> = {
  none: 'no credential',
  anonymous: 'token, anonymous',
  key_bound: 'token, key_bound',
  domain_verified: 'token, domain_verified',
  payout_bound: 'token, payout_bound',
  attested: 'token, attested',
  api_key: 'API key',
  back_end: 'back end',
  workspace_key: 'workspace key',
  operator: 'operator',
  channel_manager: 'channel manager',
  partner: 'partner',
  auditor: 'auditor',
};

/** The whole table as a page, one row an operation, in the order of the catalogue. */
export function whoMayPage(operations: readonly Operation[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    '# Who may',
    '',
    'Made from the catalogue by `npm run emit`; a change of who may do what shows here. Each cell holds for the best credential of its kind: a',
    'token that asked for every scope of its tier, an API key that was given every scope of an organization, a back end with all of them.',
    '',
    '- **yes**: the call gets past the door. What it is refused for then is its input or the state of things, never who calls.',
    '- **own**: it does, and finds and shows only what belongs to the caller: its organization, for a channel manager those given to it, for a',
    '  workspace key that workspace. What is foreign is not found.',
    '- **step-up**: once the person has used a passkey within the last ten minutes; until then 401 `challenge.required`.',
    '- **–**: 401 without a credential, 403 `scope.missing` with one. Nothing happens.',
    '',
    'People sign in with a browser and act through pages, which perform the same operations; over REST and MCP a session is no credential. An',
    'operator, an auditor and a back end reach the whole vendor. Confirmed call by call in `test/doors/who-may.test.ts`.',
    '',
    row(['operation', 'scope', ...callers.map((caller) => heads[caller])]),
    row(['---', '---', ...callers.map(() => '---')]),
    ...operations.map((operation) => {
      const { name, access } = operation;
      const scope = access === 'public' || access.scope === null ? '' : `\`${access.scope}\``;
      return row([`\`${name}\``, scope, ...callers.map((caller) => words[whoMay(operation, caller)])]);
    }),
    '',
  ].join('\n');
}
