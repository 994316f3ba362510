/** Who somebody is, in the big tenant of `many-rows.ts`: 50,000 agents and people with what is listed of them, 5,000 rows in the other tables. */
const id = (prefix: string, n = 'n') => `'${prefix}_' || lpad((${n})::text, 6, '0')`;
const organization = `'org_' || (n % 500 + 1)`;
const now = `'2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => n)`;
const later = `${now} + interval '9 years'`;
const many = 'from generate_series(1, 50000) n';
const numbers = 'from generate_series(1, 5000) n';
const hash = (kind: string) => `sha256(convert_to('${kind}' || n, 'UTF8'))`;
const person = id('psn', 'n % 500 + 1');

export const FILLED_IDENTITIES = [
  'agents',
  'agent_keys',
  'api_keys',
  'spent',
  'domain_proofs',
  'domain_conflicts',
  'join_requests',
  'registrations',
  'people',
  'memberships',
  'sessions',
  'sign_in_links',
  'mailbox_proofs',
  'passkeys',
  'partner_applications',
] as const;

/** Organization n has every 500th agent, and each agent one of everything; one in a hundred requests and one in a thousand conflicts is open. */
export const IDENTITIES = `
  insert into frontdesk.agents (tenant_id, agent_id, organization_id, name, kind, client_id, created_at)
    select 'ten_big', ${id('agt')}, ${organization}, 'a', 'document', 'https://a' || n || '.example/agent.json', ${now} ${many};
  insert into frontdesk.agent_keys (tenant_id, thumbprint, agent_id, organization_id, public_jwk, state, created_at)
    select 'ten_big', 'thumb_' || n, ${id('agt')}, ${organization}, '{}', 'active', ${now} ${numbers};
  insert into frontdesk.api_keys (tenant_id, key_id, secret_hash, last4, organization_id, agent_id, scopes, created_at)
    select 'ten_big', ${id('key')}, ${hash('a')}, 'abcd', ${organization}, ${id('agt')}, '{}', ${now} ${many};
  insert into frontdesk.spent (tenant_id, kind, digest, expires_at) select 'ten_big', 'assertion', 'd' || n, ${later} ${numbers};
  insert into frontdesk.domain_proofs (tenant_id, proof_id, organization_id, domain, method, token, state, version, failures, created_at,
      expires_at, verified_at)
    select 'ten_big', ${id('dpf')}, ${organization}, 'd' || n || '.example', 'dns_txt', 't', 'verified', 1, 0, ${now}, ${later}, ${now} ${numbers};
  insert into frontdesk.domain_conflicts (tenant_id, conflict_id, domain, holder_id, organization_id, proof_id, state, version, opened_at,
      decided_at, decided_by)
    select 'ten_big', ${id('dcf')}, 'd' || n || '.example', ${organization}, 'org_other', ${id('dpf')},
      case when n % 1000 = 0 then 'open' else 'kept' end, 1, ${now}, case when n % 1000 > 0 then ${now} end, case when n % 1000 > 0 then 'staff' end
      ${many};
  insert into frontdesk.join_requests (tenant_id, join_id, organization_id, agent_id, state, version, requested_at, decided_at, decided_by)
    select 'ten_big', ${id('jrq')}, ${organization}, ${id('agt')}, case when n % 100 = 0 then 'open' else 'refused' end, 1, ${now},
      case when n % 100 > 0 then ${now} end, case when n % 100 > 0 then 'staff' end ${many};
  insert into frontdesk.registrations (tenant_id, registration_id, agent_id, claim_hash, claim_expires_at, code_hash, code_expires_at, state,
      version, created_at)
    select 'ten_big', ${id('reg')}, ${id('agt')}, ${hash('r')}, ${later}, ${hash('u')}, ${later}, 'open', 1, ${now} ${numbers};
  insert into frontdesk.people (tenant_id, person_id, email, role, state, version, oidc_issuer, oidc_subject, created_at)
    select 'ten_big', ${id('psn')}, 'p' || n || '@o.example', case when n % 100 = 0 then 'operator' else 'partner' end, 'active', 1, 'https://issuer.example', 's' || n, ${now}
    ${many};
  insert into frontdesk.memberships (tenant_id, person_id, organization_id, granted_by, granted_at)
    select 'ten_big', ${id('psn')}, ${organization}, 'staff', ${now} from generate_series(1, 500) n;
  insert into frontdesk.sessions (tenant_id, session_hash, person_id, created_at, seen_at, expires_at)
    select 'ten_big', ${hash('s')}, ${person}, ${now}, ${now}, ${later} ${numbers};
  insert into frontdesk.sign_in_links (tenant_id, link_id, token_hash, person_id, purpose, browser_hash, created_at, expires_at)
    select 'ten_big', ${id('lnk')}, ${hash('m')}, ${person}, 'sign_in', ${hash('b')}, ${now}, ${later} ${numbers};
  insert into frontdesk.mailbox_proofs (tenant_id, proof_id, workspace_id, claim_hash, token_hash, browser_hash, email, via, version, created_at,
      expires_at, proven_at)
    select 'ten_big', ${id('mbx')}, ${id('ws')}, ${hash('l')}, ${hash('m')}, ${hash('b')}, 'm' || n || '@o.example', 'mail', 2, ${now}, ${later}, ${now}
    ${numbers};
  insert into frontdesk.passkeys (tenant_id, credential_id, person_id, public_key, counter, transports, created_at)
    select 'ten_big', 'crd_' || n, ${id('psn')}, 'k', 1, '[]', ${now} from generate_series(1, 500) n;
  insert into frontdesk.partner_applications (tenant_id, application_id, email, organization_name, state, version, created_at, decided_at, decided_by)
    select 'ten_big', ${id('app')}, 'a' || n || '@o.example', 'o', case when n % 100 = 0 then 'open' else 'refused' end, 1, ${now},
      case when n % 100 > 0 then ${now} end, case when n % 100 > 0 then 'staff' end ${many};`;
