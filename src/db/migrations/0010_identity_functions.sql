-- Identity: who may read and change its tables, what a decision writes in them, and how a caller enters with a token or a session.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['agent_keys', 'spent', 'domain_proofs', 'domain_conflicts', 'join_requests', 'registrations', 'people',
    'memberships', 'sessions', 'sign_in_links', 'passkeys', 'partner_applications'] LOOP
    EXECUTE format('ALTER TABLE frontdesk.%I FORCE ROW LEVEL SECURITY', name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- A reader knows an API key by all but what opens it.
GRANT SELECT (tenant_id, key_id, last4, organization_id, agent_id, scopes, created_at, expires_at, revoked_at) ON frontdesk.api_keys
  TO frontdesk_reader;
--> statement-breakpoint
GRANT SELECT ON frontdesk.agents, frontdesk.agent_keys, frontdesk.domain_proofs, frontdesk.domain_conflicts, frontdesk.join_requests,
  frontdesk.people, frontdesk.memberships, frontdesk.partner_applications TO frontdesk_reader;
--> statement-breakpoint
GRANT SELECT, INSERT ON frontdesk.agent_keys, frontdesk.spent, frontdesk.domain_proofs, frontdesk.domain_conflicts, frontdesk.join_requests,
  frontdesk.registrations, frontdesk.people, frontdesk.memberships, frontdesk.sessions, frontdesk.sign_in_links, frontdesk.passkeys,
  frontdesk.partner_applications TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (organization_id, kind, client_id, status, epoch, revoked_at) ON frontdesk.agents TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (organization_id, state, expires_at) ON frontdesk.agent_keys TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (state, version, failures, expires_at, verified_at, checked_at) ON frontdesk.domain_proofs TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (state, version, decided_at, decided_by, reason) ON frontdesk.domain_conflicts TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (state, version, decided_at, decided_by) ON frontdesk.join_requests TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (code_hash, code_expires_at, polled_at, state, version, claimed_by) ON frontdesk.registrations TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (email, name, role, state, version, oidc_issuer, oidc_subject) ON frontdesk.people TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (seen_at, stepped_up_at, ended_at) ON frontdesk.sessions TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (used_at) ON frontdesk.sign_in_links TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (counter, used_at) ON frontdesk.passkeys TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (state, version, decided_at, decided_by, reason, organization_id, email, note) ON frontdesk.partner_applications TO frontdesk_writer;
--> statement-breakpoint
GRANT DELETE ON frontdesk.spent, frontdesk.memberships, frontdesk.sessions, frontdesk.sign_in_links, frontdesk.registrations,
  frontdesk.passkeys, frontdesk.domain_proofs TO frontdesk_writer;
--> statement-breakpoint
CREATE FUNCTION frontdesk.commit_identity(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  one jsonb;
  n int;
BEGIN
  part := decision -> 'spent';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.spent (tenant_id, kind, digest, expires_at)
    SELECT t, x.kind, x.digest, x.expires_at FROM jsonb_populate_recordset(null::frontdesk.spent, part) x;
    PERFORM frontdesk.make_due(t, 'expire', x.expires_at) FROM jsonb_populate_recordset(null::frontdesk.spent, part) x;
  END IF;
  part := decision -> 'agent_keys';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.agent_keys (tenant_id, thumbprint, agent_id, organization_id, public_jwk, state, created_at)
    SELECT t, x.thumbprint, x.agent_id, x.organization_id, x.public_jwk, 'active', x.created_at
    FROM jsonb_populate_recordset(null::frontdesk.agent_keys, part) x;
  END IF;
  part := decision -> 'agent_key_states';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.agent_keys k SET state = x.state, expires_at = x.expires_at
    FROM jsonb_to_recordset(part) AS x(thumbprint text, from_state text, state text, expires_at timestamptz)
    WHERE k.tenant_id = t AND k.thumbprint = x.thumbprint AND k.state = x.from_state;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'key changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'adopted_workspaces';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET organization_id = x.organization_id, owner = x.owner
    FROM jsonb_to_recordset(part) AS x(workspace_id text, from_owner text, organization_id text, owner text)
    WHERE w.tenant_id = t AND w.workspace_id = x.workspace_id AND w.owner = x.from_owner AND w.status = 'active';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    UPDATE frontdesk.workspace_rows r SET organization_id = x.organization_id
    FROM jsonb_to_recordset(part) AS x(workspace_id text, organization_id text)
    WHERE r.tenant_id = t AND r.workspace_id = x.workspace_id;
  END IF;
  part := decision -> 'changed_agents';
  IF part IS NOT NULL THEN
    -- It takes along all that is its own: what it made after this was decided is there by now, since its commits wait for this one.
    IF EXISTS (
      SELECT FROM jsonb_populate_recordset(null::frontdesk.agents, part) x
      JOIN frontdesk.agents a ON a.tenant_id = t AND a.agent_id = x.agent_id AND a.organization_id <> x.organization_id
      JOIN frontdesk.workspaces w ON w.tenant_id = t AND w.organization_id = a.organization_id AND w.agent_id = a.agent_id AND w.status = 'active')
    THEN RAISE EXCEPTION 'workspace made meanwhile' USING ERRCODE = 'FD001'; END IF;
    UPDATE frontdesk.agents a SET epoch = x.epoch, status = x.status, organization_id = x.organization_id, kind = coalesce(x.kind, a.kind),
      client_id = CASE WHEN a.kind = 'document' AND x.kind = 'registered' THEN NULL ELSE a.client_id END, revoked_at = x.revoked_at
    FROM jsonb_populate_recordset(null::frontdesk.agents, part) x
    WHERE a.tenant_id = t AND a.agent_id = x.agent_id AND a.epoch = x.epoch - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'agent changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    UPDATE frontdesk.agent_keys k SET organization_id = x.organization_id FROM jsonb_populate_recordset(null::frontdesk.agents, part) x
    WHERE k.tenant_id = t AND k.agent_id = x.agent_id AND k.organization_id <> x.organization_id;
  END IF;
  part := decision -> 'changed_organizations';
  IF part IS NOT NULL THEN
    -- One after the other: a domain is given up before somebody else gets it.
    FOR one IN SELECT o FROM jsonb_array_elements(part) o ORDER BY o ->> 'domain' IS NOT NULL, o ->> 'organization_id' LOOP
      UPDATE frontdesk.organizations o SET tier = one ->> 'tier', domain = one ->> 'domain', frozen_at = (one ->> 'frozen_at')::timestamptz
      WHERE o.tenant_id = t AND o.organization_id = one ->> 'organization_id' AND o.tier = one ->> 'from_tier'
        AND o.domain IS NOT DISTINCT FROM one ->> 'from_domain'
        AND o.frozen_at IS NOT DISTINCT FROM (one ->> 'from_frozen_at')::timestamptz;
      IF NOT FOUND THEN RAISE EXCEPTION 'organization changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    END LOOP;
  END IF;
  part := decision -> 'domain_proofs';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.domain_proofs AS p (tenant_id, proof_id, organization_id, domain, method, token, state, version, failures, created_at,
      expires_at, verified_at, checked_at)
    SELECT t, x.proof_id, x.organization_id, x.domain, x.method, x.token, x.state, x.version, x.failures, x.created_at, x.expires_at,
      x.verified_at, x.checked_at
    FROM jsonb_populate_recordset(null::frontdesk.domain_proofs, part) x
    WHERE x.version = 1 OR EXISTS (SELECT FROM frontdesk.domain_proofs o WHERE o.tenant_id = t AND o.proof_id = x.proof_id)
    -- A domain is given up before somebody else has it.
    ORDER BY x.state = 'verified', x.proof_id
    ON CONFLICT (tenant_id, proof_id) DO UPDATE SET state = excluded.state, version = excluded.version, failures = excluded.failures,
      expires_at = excluded.expires_at, verified_at = excluded.verified_at, checked_at = excluded.checked_at
    WHERE p.version = excluded.version - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'proof changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'domain_conflicts';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.domain_conflicts AS c (tenant_id, conflict_id, domain, holder_id, organization_id, proof_id, state, version, opened_at,
      decided_at, decided_by, reason)
    SELECT t, x.conflict_id, x.domain, x.holder_id, x.organization_id, x.proof_id, x.state, x.version, x.opened_at, x.decided_at, x.decided_by,
      x.reason
    FROM jsonb_populate_recordset(null::frontdesk.domain_conflicts, part) x
    WHERE x.version = 1 OR EXISTS (SELECT FROM frontdesk.domain_conflicts o WHERE o.tenant_id = t AND o.conflict_id = x.conflict_id)
    ON CONFLICT (tenant_id, conflict_id) DO UPDATE SET state = excluded.state, version = excluded.version, decided_at = excluded.decided_at,
      decided_by = excluded.decided_by, reason = excluded.reason
    WHERE c.version = excluded.version - 1 AND c.state = 'open';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'conflict changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'join_requests';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.join_requests AS j (tenant_id, join_id, organization_id, agent_id, state, version, requested_at, decided_at, decided_by)
    SELECT t, x.join_id, x.organization_id, x.agent_id, x.state, x.version, x.requested_at, x.decided_at, x.decided_by
    FROM jsonb_populate_recordset(null::frontdesk.join_requests, part) x
    WHERE x.version = 1 OR EXISTS (SELECT FROM frontdesk.join_requests o WHERE o.tenant_id = t AND o.join_id = x.join_id)
    ON CONFLICT (tenant_id, join_id) DO UPDATE SET state = excluded.state, version = excluded.version, decided_at = excluded.decided_at,
      decided_by = excluded.decided_by
    WHERE j.version = excluded.version - 1 AND j.state = 'open';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'request changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'changed_agents';
  IF part IS NOT NULL THEN
    -- Nobody has to answer whoever cannot come any more.
    UPDATE frontdesk.join_requests j SET state = 'expired', version = j.version + 1, decided_at = x.revoked_at, decided_by = x.agent_id
    FROM jsonb_populate_recordset(null::frontdesk.agents, part) x
    WHERE j.tenant_id = t AND j.agent_id = x.agent_id AND j.state = 'open' AND x.status = 'revoked';
  END IF;
  part := decision -> 'registrations';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.registrations AS r (tenant_id, registration_id, agent_id, claim_hash, claim_expires_at, code_hash, code_expires_at,
      polled_at, state, version, claimed_by, created_at)
    SELECT t, x.registration_id, x.agent_id, decode(x.claim_hash, 'hex'), x.claim_expires_at, decode(x.code_hash, 'hex'), x.code_expires_at,
      x.polled_at, x.state, x.version, x.claimed_by, x.created_at
    FROM jsonb_to_recordset(part) AS x(registration_id text, agent_id text, claim_hash text, claim_expires_at timestamptz, code_hash text,
      code_expires_at timestamptz, polled_at timestamptz, state text, version int, claimed_by text, created_at timestamptz)
    WHERE x.version = 1 OR EXISTS (SELECT FROM frontdesk.registrations o WHERE o.tenant_id = t AND o.registration_id = x.registration_id)
    ON CONFLICT (tenant_id, registration_id) DO UPDATE SET code_hash = excluded.code_hash, code_expires_at = excluded.code_expires_at,
      polled_at = excluded.polled_at, state = excluded.state, version = excluded.version, claimed_by = excluded.claimed_by
    WHERE r.version = excluded.version - 1 AND r.state <> 'collected';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'registration changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'ended_api_keys';
  IF part IS NOT NULL THEN
    -- An end comes nearer, never farther.
    UPDATE frontdesk.api_keys k SET expires_at = least(k.expires_at, x.expires_at), revoked_at = x.revoked_at
    FROM jsonb_to_recordset(part) AS x(key_id text, expires_at timestamptz, revoked_at timestamptz)
    WHERE k.tenant_id = t AND k.key_id = x.key_id AND k.revoked_at IS NULL
      AND (x.expires_at IS NOT NULL OR x.revoked_at IS NOT NULL);
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'key changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
END
$$;
--> statement-breakpoint
CREATE FUNCTION frontdesk.commit_people(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb;
  n int;
BEGIN
  part := decision -> 'people';
  IF part IS NOT NULL THEN
    -- Whoever is removed is forgotten where it once applied, too.
    UPDATE frontdesk.partner_applications a SET email = a.application_id || '@decided.invalid', note = null
    FROM jsonb_populate_recordset(null::frontdesk.people, part) x
    JOIN frontdesk.people p ON p.tenant_id = t AND p.person_id = x.person_id
    WHERE x.state = 'removed' AND a.tenant_id = t AND a.email = p.email AND a.state <> 'open';
    INSERT INTO frontdesk.people AS p (tenant_id, person_id, email, name, role, state, version, oidc_issuer, oidc_subject, created_at)
    SELECT t, x.person_id, x.email, x.name, x.role, x.state, x.version, x.oidc_issuer, x.oidc_subject, x.created_at
    FROM jsonb_populate_recordset(null::frontdesk.people, part) x
    WHERE x.version = 1 OR EXISTS (SELECT FROM frontdesk.people o WHERE o.tenant_id = t AND o.person_id = x.person_id)
    ON CONFLICT (tenant_id, person_id) DO UPDATE SET email = excluded.email, name = excluded.name, role = excluded.role, state = excluded.state,
      version = excluded.version, oidc_issuer = excluded.oidc_issuer, oidc_subject = excluded.oidc_subject
    WHERE p.version = excluded.version - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'person changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'memberships';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.memberships (tenant_id, person_id, organization_id, granted_by, granted_at)
    SELECT t, x.person_id, x.organization_id, x.granted_by, x.granted_at FROM jsonb_populate_recordset(null::frontdesk.memberships, part) x;
  END IF;
  part := decision -> 'ended_memberships';
  IF part IS NOT NULL THEN
    DELETE FROM frontdesk.memberships m USING jsonb_to_recordset(part) AS x(person_id text, organization_id text)
    WHERE m.tenant_id = t AND m.person_id = x.person_id AND m.organization_id = x.organization_id;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'membership ended meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'sessions';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.sessions (tenant_id, session_hash, person_id, created_at, seen_at, expires_at, stepped_up_at)
    SELECT t, decode(x.session_hash, 'hex'), x.person_id, x.created_at, x.created_at, x.expires_at, x.stepped_up_at
    FROM jsonb_to_recordset(part) AS x(session_hash text, person_id text, created_at timestamptz, expires_at timestamptz,
      stepped_up_at timestamptz);
    PERFORM frontdesk.make_due(t, 'expire', x.expires_at) FROM jsonb_to_recordset(part) AS x(expires_at timestamptz);
  END IF;
  part := decision -> 'ended_sessions';
  IF part IS NOT NULL THEN
    -- Of one browser, or of a person everywhere.
    UPDATE frontdesk.sessions s SET ended_at = (part ->> 'at')::timestamptz
    WHERE s.tenant_id = t AND s.ended_at IS NULL
      AND (s.session_hash = decode(part ->> 'session_hash', 'hex') OR s.person_id = part ->> 'person_id');
    IF NOT FOUND AND part ? 'session_hash' AND NOT coalesce((part ->> 'if_there')::boolean, false)
    THEN RAISE EXCEPTION 'session ended meanwhile' USING ERRCODE = 'FD001'; END IF;
    -- What was mailed to somebody lets nobody in who is put out everywhere.
    UPDATE frontdesk.sign_in_links l SET used_at = (part ->> 'at')::timestamptz
    WHERE l.tenant_id = t AND l.person_id = part ->> 'person_id' AND l.used_at IS NULL;
  END IF;
  part := decision -> 'sign_in_links';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.sign_in_links (tenant_id, link_id, token_hash, person_id, purpose, browser_hash, created_at, expires_at)
    SELECT t, x.link_id, decode(x.token_hash, 'hex'), x.person_id, x.purpose, decode(x.browser_hash, 'hex'), x.created_at, x.expires_at
    FROM jsonb_to_recordset(part) AS x(link_id text, token_hash text, person_id text, purpose text, browser_hash text, created_at timestamptz,
      expires_at timestamptz);
    PERFORM frontdesk.make_due(t, 'expire', x.expires_at) FROM jsonb_to_recordset(part) AS x(expires_at timestamptz);
  END IF;
  part := decision -> 'used_link';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.sign_in_links l SET used_at = (part ->> 'at')::timestamptz
    WHERE l.tenant_id = t AND l.link_id = part ->> 'link_id' AND l.used_at IS NULL
      AND l.expires_at > (part ->> 'at')::timestamptz;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'link used meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'passkeys';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.passkeys (tenant_id, credential_id, person_id, public_key, counter, transports, created_at)
    SELECT t, x.credential_id, x.person_id, x.public_key, x.counter, x.transports, x.created_at
    FROM jsonb_populate_recordset(null::frontdesk.passkeys, part) x;
  END IF;
  part := decision -> 'used_passkey';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.passkeys k SET counter = (part ->> 'counter')::bigint, used_at = (part ->> 'at')::timestamptz
    WHERE k.tenant_id = t AND k.credential_id = part ->> 'credential_id' AND k.counter = (part ->> 'from_counter')::bigint;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'passkey used meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'removed_passkey';
  IF part IS NOT NULL THEN
    DELETE FROM frontdesk.passkeys k WHERE k.tenant_id = t AND k.credential_id = part ->> 'credential_id' AND k.person_id = part ->> 'person_id';
    IF NOT FOUND THEN RAISE EXCEPTION 'passkey removed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'partner_applications';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.partner_applications AS a (tenant_id, application_id, email, organization_name, domain, note, state, version,
      created_at, decided_at, decided_by, reason, organization_id)
    SELECT t, x.application_id, x.email, x.organization_name, x.domain, x.note, x.state, x.version, x.created_at, x.decided_at, x.decided_by,
      x.reason, x.organization_id
    FROM jsonb_populate_recordset(null::frontdesk.partner_applications, part) x
    WHERE x.version = 1 OR EXISTS (SELECT FROM frontdesk.partner_applications o WHERE o.tenant_id = t AND o.application_id = x.application_id)
    ON CONFLICT (tenant_id, application_id) DO UPDATE SET state = excluded.state, version = excluded.version, decided_at = excluded.decided_at,
      decided_by = excluded.decided_by, reason = excluded.reason, organization_id = excluded.organization_id
    WHERE a.version = excluded.version - 1 AND a.state = 'open';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'application changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION frontdesk.commit(decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  part jsonb;
  n int;
BEGIN
  -- What a provider tells twice is heard once: nothing else of the decision is written either.
  part := decision -> 'heard';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.stripe_events (tenant_id, event_id, type, object_id, account, created_at, received_at)
    SELECT t, x.event_id, x.type, x.object_id, x.account, x.created_at, x.received_at
    FROM jsonb_to_record(part) AS x(event_id text, type text, object_id text, account text, created_at timestamptz, received_at timestamptz)
    ON CONFLICT (tenant_id, event_id) DO NOTHING;
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  -- Who acts stays as it was when it entered until all is written. Agents come first, then API keys, then sessions, each in one order: nobody
  -- waits in a circle.
  part := decision -> 'changed_agents';
  IF part IS NOT NULL THEN
    PERFORM FROM frontdesk.agents a
    WHERE a.tenant_id = t
      AND a.agent_id IN (SELECT x ->> 'agent_id' FROM jsonb_array_elements(part || coalesce(decision -> 'acting', '[]')) x)
    ORDER BY a.agent_id FOR NO KEY UPDATE;
  END IF;
  part := decision -> 'ended_api_keys';
  IF part IS NOT NULL THEN
    PERFORM FROM frontdesk.api_keys k
    WHERE k.tenant_id = t AND k.key_id IN (SELECT x ->> 'key_id' FROM jsonb_array_elements(part || coalesce(decision -> 'acting', '[]')) x)
    ORDER BY k.key_id FOR NO KEY UPDATE;
  END IF;
  part := decision -> 'ended_sessions';
  IF part IS NOT NULL THEN
    PERFORM FROM frontdesk.sessions s
    WHERE s.tenant_id = t AND s.ended_at IS NULL AND (s.person_id = part ->> 'person_id'
      OR s.session_hash IN (decode(part ->> 'session_hash', 'hex'), decode(decision #>> '{acting,session_hash}', 'hex')))
    ORDER BY s.session_hash FOR NO KEY UPDATE;
  END IF;
  part := decision -> 'acting';
  IF part ? 'agent_id' THEN
    PERFORM FROM frontdesk.agents a
    WHERE a.tenant_id = t AND a.agent_id = part ->> 'agent_id' AND a.epoch = (part ->> 'epoch')::int FOR SHARE;
    IF NOT FOUND THEN RAISE EXCEPTION 'agent changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  IF part ? 'key_id' THEN
    PERFORM FROM frontdesk.api_keys k WHERE k.tenant_id = t AND k.key_id = part ->> 'key_id' AND k.revoked_at IS NULL FOR SHARE;
    IF NOT FOUND THEN RAISE EXCEPTION 'key revoked meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  IF part ? 'session_hash' THEN
    PERFORM FROM frontdesk.sessions s
    WHERE s.tenant_id = t AND s.session_hash = decode(part ->> 'session_hash', 'hex') AND s.ended_at IS NULL FOR SHARE;
    IF NOT FOUND THEN RAISE EXCEPTION 'session ended meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'idempotency';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.idempotency (tenant_id, principal, operation, key, fingerprint, result, subject_id, committed_at)
    VALUES (t, part ->> 'principal', part ->> 'operation', part ->> 'key', part ->> 'fingerprint', part ->> 'result', part ->> 'subject_id',
      (part ->> 'committed_at')::timestamptz);
  END IF;

  part := decision -> 'tenant';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.tenants AS s (tenant_id, name, origin, revision, limits, created_at)
    VALUES (t, part ->> 'name', part ->> 'origin', (part ->> 'revision')::int, part -> 'limits', (part ->> 'created_at')::timestamptz)
    ON CONFLICT (tenant_id) DO UPDATE SET name = excluded.name, origin = excluded.origin, revision = excluded.revision, limits = excluded.limits
      WHERE s.revision = excluded.revision - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'tenant changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    DELETE FROM frontdesk.tenant_hosts h WHERE h.tenant_id = t;
    INSERT INTO frontdesk.tenant_hosts (host, tenant_id) SELECT jsonb_array_elements_text(part -> 'hosts'), t;
  END IF;
  part := decision -> 'vendor_versions';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.vendor_versions (tenant_id, version, config, created_at)
    SELECT t, x.version, x.config, x.created_at FROM jsonb_to_recordset(part) AS x(version int, config jsonb, created_at timestamptz);
  END IF;
  part := decision -> 'program_versions';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.program_versions (tenant_id, program_id, version, sha256, terms, created_at)
    SELECT t, x.program_id, x.version, x.sha256, x.terms, x.created_at
    FROM jsonb_to_recordset(part) AS x(program_id text, version int, sha256 text, terms text, created_at timestamptz);
  END IF;
  part := decision -> 'documents';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.documents (tenant_id, kind, body, etag, issued_at, valid_until)
    SELECT t, x.kind, x.body, x.etag, x.issued_at, x.valid_until
    FROM jsonb_to_recordset(part) AS x(kind text, body text, etag text, issued_at timestamptz, valid_until timestamptz)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET body = excluded.body, etag = excluded.etag, issued_at = excluded.issued_at,
      valid_until = excluded.valid_until;
  END IF;
  part := decision -> 'signing_keys';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.signing_keys (tenant_id, kid, purpose, algorithm, public_jwk, sealed, state, created_at)
    SELECT t, x.kid, x.purpose, x.algorithm, x.public_jwk, x.sealed, x.state, x.created_at
    FROM jsonb_to_recordset(part) AS x(kid text, purpose text, algorithm text, public_jwk jsonb, sealed text, state text, created_at timestamptz);
  END IF;
  part := decision -> 'organizations';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.organizations (tenant_id, organization_id, name, domain, tier, prospect_id, created_at)
    SELECT t, x.organization_id, x.name, x.domain, x.tier, x.prospect_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(organization_id text, name text, domain text, tier text, prospect_id text, created_at timestamptz);
  END IF;
  part := decision -> 'agents';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.agents (tenant_id, agent_id, organization_id, name, kind, client_id, created_at)
    SELECT t, x.agent_id, x.organization_id, x.name, coalesce(x.kind, 'registered'), x.client_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(agent_id text, organization_id text, name text, kind text, client_id text, created_at timestamptz);
  END IF;
  part := decision -> 'api_keys';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.api_keys (tenant_id, key_id, secret_hash, last4, organization_id, agent_id, scopes, created_at, expires_at)
    SELECT t, x.key_id, decode(x.secret_hash, 'hex'), x.last4, x.organization_id, x.agent_id,
      ARRAY(SELECT jsonb_array_elements_text(x.scopes)), x.created_at, x.expires_at
    FROM jsonb_to_recordset(part) AS x(key_id text, secret_hash text, last4 text, organization_id text, agent_id text, scopes jsonb,
      created_at timestamptz, expires_at timestamptz);
  END IF;

  part := decision -> 'prospects';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.prospects (tenant_id, prospect_id, fingerprint, created_at)
    SELECT t, x.prospect_id, decode(x.fingerprint, 'hex'), x.created_at
    FROM jsonb_to_recordset(part) AS x(prospect_id text, fingerprint text, created_at timestamptz);
  END IF;
  part := decision -> 'referrals';
  IF part IS NOT NULL THEN
    WITH made AS (
      INSERT INTO frontdesk.referrals AS r (tenant_id, referral_id, organization_id, agent_id, prospect_id, program_id, program_version,
        terms_sha256, campaign, token_id, entry_id, receipt, created_at, expires_at)
      SELECT t, x.referral_id, x.organization_id, x.agent_id, x.prospect_id, x.program_id, x.program_version, x.terms_sha256, x.campaign,
        x.token_id, x.entry_id, x.receipt, x.created_at, x.expires_at
      FROM jsonb_to_recordset(part) AS x(referral_id text, organization_id text, agent_id text, prospect_id text, program_id text,
        program_version int, terms_sha256 text, campaign text, token_id text, entry_id text, receipt text, created_at timestamptz,
        expires_at timestamptz)
      RETURNING r.referral_id, r.organization_id, r.program_id, r.prospect_id, r.created_at, r.expires_at
    )
    INSERT INTO frontdesk.referral_states (tenant_id, referral_id, organization_id, program_id, prospect_id, status, seq, changed_at, expires_at)
    SELECT t, m.referral_id, m.organization_id, m.program_id, m.prospect_id, 'pending', 1, m.created_at, m.expires_at FROM made m;
  END IF;
  part := decision -> 'touches';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.touches (tenant_id, touch_id, organization_id, prospect_id, referral_id, workspace_id, kind, via, token_id, entry_id,
      created_at)
    SELECT t, x.touch_id, x.organization_id, x.prospect_id, x.referral_id, x.workspace_id, x.kind, x.via, x.token_id, x.entry_id, x.created_at
    FROM jsonb_to_recordset(part) AS x(touch_id text, organization_id text, prospect_id text, referral_id text, workspace_id text, kind text,
      via text, token_id text, entry_id text, created_at timestamptz);
  END IF;
  part := decision -> 'ledger_events';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, organization_id, referral_id, body, leaf, recorded_at)
    SELECT t, x.event_id, x.kind, x.subject_id, x.organization_id, x.referral_id, x.body, decode(x.leaf, 'hex'), x.recorded_at
    FROM jsonb_to_recordset(part) AS x(event_id text, kind text, subject_id text, organization_id text, referral_id text, body text,
      leaf text, recorded_at timestamptz);
    PERFORM frontdesk.make_due(t, 'seal', (part #>> '{0,recorded_at}')::timestamptz);
  END IF;
  part := decision -> 'particulars';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.particulars (tenant_id, subject_id, organization_id, salt, content)
    SELECT t, x.subject_id, x.organization_id, decode(x.salt, 'hex'), x.content
    FROM jsonb_to_recordset(part) AS x(subject_id text, organization_id text, salt text, content jsonb);
  END IF;
  part := decision -> 'referral_tokens';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.referral_tokens (tenant_id, token_id, organization_id, agent_id, campaign, parent_id, depth, kid, claims, token_hash,
      code_hash, created_at, expires_at)
    SELECT t, x.token_id, x.organization_id, x.agent_id, x.campaign, x.parent_id, coalesce(x.depth, 0), x.kid, x.claims,
      decode(x.token_hash, 'hex'), decode(x.code_hash, 'hex'), x.created_at, x.expires_at
    FROM jsonb_to_recordset(part) AS x(token_id text, organization_id text, agent_id text, campaign text, parent_id text, depth int, kid text,
      claims jsonb, token_hash text, code_hash text, created_at timestamptz, expires_at timestamptz);
  END IF;
  part := decision -> 'link_visits';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.link_visits (tenant_id, visit_id, token_id, created_at)
    SELECT t, x.visit_id, x.token_id, x.created_at FROM jsonb_to_recordset(part) AS x(visit_id text, token_id text, created_at timestamptz);
  END IF;

  part := decision -> 'workspaces';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.workspaces (tenant_id, workspace_id, organization_id, owner, agent_id, prospect_id, referral_id, status, host, model,
      mapping, untrusted, row_count, row_limit, key_version, key_hash, claim_version, claim_hash, created_at, expires_at)
    SELECT t, x.workspace_id, x.organization_id, x.owner, x.agent_id, x.prospect_id, x.referral_id, x.status, x.host, x.model, x.mapping,
      x.untrusted, 0, x.row_limit, x.key_version, decode(x.key_hash, 'hex'), x.claim_version, decode(x.claim_hash, 'hex'), x.created_at,
      x.expires_at
    FROM jsonb_to_recordset(part) AS x(workspace_id text, organization_id text, owner text, agent_id text, prospect_id text, referral_id text,
      status text, host text, model jsonb, mapping jsonb, untrusted jsonb, row_limit int, key_version int, key_hash text, claim_version int,
      claim_hash text, created_at timestamptz, expires_at timestamptz);
  END IF;
  part := decision -> 'rekeyed_workspace';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET key_version = (part ->> 'key_version')::int, key_hash = decode(part ->> 'key_hash', 'hex')
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.key_version = (part ->> 'key_version')::int - 1
      AND w.status IN ('active', 'claimed');
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'ended_workspace';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET status = part ->> 'status', ended_at = (part ->> 'ended_at')::timestamptz, row_count = 0
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status = 'active';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    DELETE FROM frontdesk.workspace_rows r WHERE r.tenant_id = t AND r.workspace_id = part ->> 'workspace_id';
  END IF;
  part := decision -> 'created_rows';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET row_count = w.row_count + jsonb_array_length(part -> 'rows'),
      writes = w.writes + CASE WHEN (part ->> 'synthetic')::boolean THEN 0 ELSE jsonb_array_length(part -> 'rows') END
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status IN ('active', 'claimed')
      AND w.organization_id IS NOT DISTINCT FROM part ->> 'organization_id';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    INSERT INTO frontdesk.workspace_rows (tenant_id, workspace_id, entity, row_id, organization_id, values, created_at, updated_at)
    SELECT t, part ->> 'workspace_id', x.entity, x.row_id, part ->> 'organization_id', x.values, (part ->> 'at')::timestamptz,
      (part ->> 'at')::timestamptz
    FROM jsonb_to_recordset(part -> 'rows') AS x(entity text, row_id text, values jsonb);
  END IF;
  part := decision -> 'relinked_workspace';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET claim_version = (part ->> 'claim_version')::int, claim_hash = decode(part ->> 'claim_hash', 'hex')
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status = 'active'
      AND w.claim_version = (part ->> 'claim_version')::int - 1;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'claimed_workspaces';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspaces w SET status = 'claimed', claimed_at = x.at, key_version = w.key_version + 1,
      key_hash = decode(x.key_hash, 'hex'), claim_version = w.claim_version + 1, claim_hash = decode(x.claim_hash, 'hex')
    FROM jsonb_to_recordset(part) AS x(workspace_id text, key_version int, key_hash text, claim_hash text, at timestamptz)
    WHERE w.tenant_id = t AND w.workspace_id = x.workspace_id AND w.status = 'active' AND w.key_version = x.key_version;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'updated_row';
  IF part IS NOT NULL THEN
    UPDATE frontdesk.workspace_rows r SET values = part -> 'values', updated_at = (part ->> 'at')::timestamptz
    WHERE r.tenant_id = t AND r.workspace_id = part ->> 'workspace_id' AND r.entity = part ->> 'entity' AND r.row_id = part ->> 'row_id'
      AND r.values = part -> 'from';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'row changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;
  part := decision -> 'deleted_row';
  IF part IS NOT NULL THEN
    -- The workspace first, as wherever else it and its rows are changed: the other order deadlocks with its end.
    UPDATE frontdesk.workspaces w SET row_count = w.row_count - 1
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status IN ('active', 'claimed');
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    DELETE FROM frontdesk.workspace_rows r
    WHERE r.tenant_id = t AND r.workspace_id = part ->> 'workspace_id' AND r.entity = part ->> 'entity' AND r.row_id = part ->> 'row_id';
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'row changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  END IF;

  IF decision ?| ARRAY['referral_moves', 'evidenced', 'evidence', 'attributions', 'holds', 'closed_holds', 'disputes', 'decided_disputes',
    'dispute_evidence'] THEN
    PERFORM frontdesk.commit_judgement(t, decision);
  END IF;
  IF decision ?| ARRAY['rewards', 'reward_moves', 'reductions', 'fulfilments', 'settled_fulfilments', 'obstacles',
    'entries'] THEN
    PERFORM frontdesk.commit_money(t, decision);
  END IF;
  IF decision ?| ARRAY['effects', 'settled', 'revived_effects', 'endpoints', 'changed_endpoints', 'events', 'reports', 'customers', 'audits',
    'due', 'key_states', 'revoked_token'] THEN
    PERFORM frontdesk.commit_work(t, decision);
  END IF;
  IF decision ?| ARRAY['stripe_account', 'events_seen', 'payments', 'payment_reversals', 'payees', 'organization_tiers', 'credit_uses',
    'reconciliations'] THEN
    PERFORM frontdesk.commit_payments(t, decision);
  END IF;
  IF decision ?| ARRAY['spent', 'agent_keys', 'agent_key_states', 'changed_agents', 'adopted_workspaces', 'changed_organizations',
    'domain_proofs', 'domain_conflicts', 'join_requests', 'registrations', 'ended_api_keys'] THEN
    PERFORM frontdesk.commit_identity(t, decision);
  END IF;
  IF decision ?| ARRAY['people', 'memberships', 'ended_memberships', 'sessions', 'ended_sessions', 'sign_in_links', 'used_link', 'passkeys',
    'used_passkey', 'removed_passkey', 'partner_applications'] THEN
    PERFORM frontdesk.commit_people(t, decision);
  END IF;
  IF decision ? 'block' OR decision ? 'sequenced' THEN
    PERFORM frontdesk.commit_seal(t, decision);
  END IF;

  part := decision -> 'counters';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.counters AS c (tenant_id, name, subject, value, "limit")
    SELECT t, x.name, x.subject, sum(x.by), max(x."limit")
    FROM jsonb_to_recordset(part) AS x(name text, subject text, by bigint, "limit" bigint)
    GROUP BY x.name, x.subject HAVING sum(x.by) > 0 ORDER BY x.name, x.subject
    ON CONFLICT (tenant_id, name, subject) DO UPDATE SET value = c.value + excluded.value, "limit" = excluded."limit";
    UPDATE frontdesk.counters c SET value = greatest(0, c.value + x.by)
    FROM (
      SELECT y.name, y.subject, sum(y.by) AS by FROM jsonb_to_recordset(part) AS y(name text, subject text, by bigint)
      GROUP BY y.name, y.subject HAVING sum(y.by) < 0) x
    WHERE c.tenant_id = t AND c.name = x.name AND c.subject = x.subject;
  END IF;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION frontdesk.expire(at timestamptz, batch int) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  ended text[];
  swept int;
  forgotten int;
  spent int;
  next timestamptz;
BEGIN
  WITH over AS (
    SELECT w.workspace_id FROM frontdesk.workspaces w
    WHERE w.tenant_id = t AND w.status = 'active' AND w.expires_at <= at ORDER BY w.expires_at LIMIT batch FOR UPDATE SKIP LOCKED
  ), done AS (
    UPDATE frontdesk.workspaces w SET status = 'expired', ended_at = at, row_count = 0
    FROM over WHERE w.tenant_id = t AND w.workspace_id = over.workspace_id RETURNING w.workspace_id, w.owner, w.organization_id, w.referral_id
  ), told AS (
    -- Made from the workspace's own id: it expires once.
    INSERT INTO frontdesk.events (tenant_id, event_id, type, organization_id, subject_id, data, occurred_at)
    SELECT t, 'evt_' || substr(d.workspace_id, 4), 'workspace.expired', d.organization_id, d.workspace_id,
      jsonb_build_object('workspace', d.workspace_id, 'organization', d.organization_id, 'referral', d.referral_id), at
    FROM done d
  ), freed AS (
    UPDATE frontdesk.counters c SET value = greatest(0, c.value - o.n)
    FROM (SELECT owner, count(*) AS n FROM done GROUP BY owner ORDER BY owner) o
    WHERE c.tenant_id = t AND c.name = 'workspaces.active' AND c.subject = o.owner
  )
  SELECT coalesce(array_agg(workspace_id), '{}') INTO ended FROM done;
  IF cardinality(ended) > 0 THEN PERFORM frontdesk.make_due(t, 'seal', at); END IF;
  DELETE FROM frontdesk.workspace_rows r WHERE r.tenant_id = t AND r.workspace_id = ANY (ended);
  -- An anonymous workspace leaves nothing behind after a week.
  DELETE FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.workspace_id IN (
    SELECT o.workspace_id FROM frontdesk.workspaces o
    WHERE o.tenant_id = t AND o.status IN ('expired', 'revoked') AND o.referral_id IS NULL AND o.ended_at < at - interval '7 days' LIMIT batch);
  GET DIAGNOSTICS swept = ROW_COUNT;
  DELETE FROM frontdesk.idempotency i WHERE i.tenant_id = t AND i.committed_at < at - interval '30 days';
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  DELETE FROM frontdesk.link_visits v WHERE v.tenant_id = t AND v.created_at < at - interval '90 days';
  -- The stream is kept a quarter, settled work a month: what they tell of stays in the ledger. The last event stays: sequences go on from it.
  DELETE FROM frontdesk.events v WHERE v.tenant_id = t AND v.event_id IN (
    SELECT o.event_id FROM frontdesk.events o WHERE o.tenant_id = t AND o.sequence IS NOT NULL AND o.occurred_at < at - interval '90 days'
      AND o.sequence < (SELECT max(x.sequence) FROM frontdesk.events x WHERE x.tenant_id = t)
    ORDER BY o.sequence LIMIT batch);
  DELETE FROM frontdesk.outbox v WHERE v.tenant_id = t AND v.state IN ('done', 'discarded') AND v.settled_at < at - interval '30 days';
  DELETE FROM frontdesk.stripe_events s WHERE s.tenant_id = t AND s.received_at < at - interval '90 days';
  DELETE FROM frontdesk.spent v WHERE v.tenant_id = t AND v.ctid IN (
    SELECT o.ctid FROM frontdesk.spent o WHERE o.tenant_id = t AND o.expires_at <= at ORDER BY o.expires_at LIMIT batch);
  GET DIAGNOSTICS spent = ROW_COUNT;
  -- Who was refused is not known any more; who was approved is a person.
  UPDATE frontdesk.partner_applications a SET email = a.application_id || '@decided.invalid', note = null
  WHERE a.tenant_id = t AND a.decided_at < at - interval '30 days' AND a.email <> a.application_id || '@decided.invalid';
  -- By a link that was used a browser is known again.
  DELETE FROM frontdesk.sign_in_links l WHERE l.tenant_id = t AND l.expires_at < at - interval '7 days'
    AND (l.used_at IS NULL OR l.browser_hash IS NULL OR l.used_at < at - interval '90 days');
  DELETE FROM frontdesk.sessions s WHERE s.tenant_id = t AND s.expires_at < at - interval '7 days';
  DELETE FROM frontdesk.registrations r WHERE r.tenant_id = t AND r.state = 'open' AND r.claim_expires_at < at - interval '7 days';
  -- What nobody answers makes room for others; whoever still wants it asks again. Nobody decided it.
  UPDATE frontdesk.join_requests j SET state = 'expired', version = j.version + 1, decided_at = at, decided_by = 'schedule'
  WHERE j.tenant_id = t AND j.state = 'open' AND j.requested_at <= at - interval '14 days';
  UPDATE frontdesk.partner_applications a SET state = 'expired', version = a.version + 1, decided_at = at, decided_by = 'schedule'
  WHERE a.tenant_id = t AND a.state = 'open' AND a.created_at <= at - interval '14 days';
  -- A conflict that was decided still says by what it was proven.
  DELETE FROM frontdesk.domain_proofs p WHERE p.tenant_id = t AND p.proof_id IN (
    SELECT o.proof_id FROM frontdesk.domain_proofs o
    WHERE o.tenant_id = t AND o.state = 'expired' AND o.expires_at < at - interval '30 days'
      AND NOT EXISTS (SELECT FROM frontdesk.domain_conflicts c WHERE c.tenant_id = t AND c.proof_id = o.proof_id) LIMIT batch);
  DELETE FROM frontdesk.limits l WHERE l.tenant_id = t AND l.tat < at - interval '1 day';
  -- A workspace that is committed at this very moment is not seen here, and found the old date early enough: it waits an hour at most.
  SELECT least(coalesce(min(w.expires_at), at + interval '1 hour'), at + interval '1 hour') INTO next
    FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.status = 'active';
  -- Every signed call leaves a nonce: there may be more of them in an hour than one round takes away.
  IF spent = batch THEN next := at; END IF;
  UPDATE frontdesk.due_work d SET at = next WHERE d.tenant_id = t AND d.kind = 'expire';
  RETURN jsonb_build_object('expired', cardinality(ended), 'swept', swept, 'forgotten', forgotten, 'more', next <= at OR swept = batch);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.commit_identity(text, jsonb), frontdesk.commit_people(text, jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.commit_identity(text, jsonb), frontdesk.commit_people(text, jsonb) TO frontdesk_writer;
--> statement-breakpoint
GRANT CREATE ON SCHEMA frontdesk TO frontdesk_writer;
--> statement-breakpoint
SET LOCAL ROLE frontdesk_writer;
--> statement-breakpoint
-- Charges every bucket of a call, or none: the first that refuses gives back what the others took. Answers the tightest of them; of one that
-- refuses also `load`, how many calls stood against those before it, this one included. A bucket without a policy is not counted.
CREATE FUNCTION frontdesk.charge_all(buckets jsonb, at timestamptz) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  one jsonb;
  done jsonb;
  tightest jsonb;
  taken jsonb[] := '{}';
  load int;
BEGIN
  -- In one order everywhere, so that calls wait for each other and never in a circle.
  FOR one IN SELECT b FROM jsonb_array_elements(buckets) b WHERE jsonb_typeof(b -> 'policy') = 'object' ORDER BY b ->> 'bucket' COLLATE "C" LOOP
    done := frontdesk.charge(one ->> 'bucket', one -> 'policy', at) || jsonb_build_object('name', one -> 'name');
    IF NOT (done ->> 'allowed')::boolean THEN
      -- Their rows are locked since they were charged: nobody came between, and each is as it was.
      UPDATE frontdesk.limits l SET tat = l.tat - make_interval(secs => (x #>> '{policy,w}')::double precision / (x #>> '{policy,q}')::int)
      FROM unnest(taken) x WHERE l.tenant_id = t AND l.bucket = x ->> 'bucket';
      RETURN done || jsonb_build_object('load', load);
    END IF;
    taken := taken || one;
    load := greatest(load, (done ->> 'q')::int - (done ->> 'r')::int);
    IF tightest IS NULL OR (done ->> 'r')::double precision / (done ->> 'q')::int < (tightest ->> 'r')::double precision / (tightest ->> 'q')::int THEN
      tightest := done;
    END IF;
  END LOOP;
  RETURN tightest;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.charge_all(jsonb, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.charge_all(jsonb, timestamptz) TO frontdesk_writer;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION frontdesk.enter(call jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  t text;
  rev int;
  policies jsonb;
  at timestamptz := (call ->> 'at')::timestamptz;
  secret bytea := decode(call #>> '{credential,hash}', 'hex');
  who jsonb;
  -- The API key that it calls with, or that its token was got with.
  key_id text;
  network text := call ->> 'network';
  -- What the call counts against; see charge_all.
  buckets jsonb := '[]';
  earlier jsonb;
  charged jsonb;
  one jsonb;
BEGIN
  SELECT h.tenant_id INTO t FROM frontdesk.tenant_hosts h WHERE h.host = call ->> 'host';
  IF t IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('frontdesk.tenant', t, true);
  SELECT s.revision, s.limits INTO rev, policies FROM frontdesk.tenants s WHERE s.tenant_id = t;

  CASE call #>> '{credential,kind}'
    WHEN 'none' THEN
      who := jsonb_build_object('kind', 'anonymous', 'id', call ->> 'address', 'tier', 'anonymous', 'scopes', '[]'::jsonb);
      IF call ? 'open' THEN
        buckets := jsonb_build_array(jsonb_build_object('name', call ->> 'open', 'bucket', (call ->> 'open') || ':' || network,
          'policy', coalesce(policies -> (call ->> 'open'), policies -> 'anonymous')));
      ELSE
        buckets := jsonb_build_array(jsonb_build_object('name', 'anonymous', 'bucket', network, 'policy', policies -> 'anonymous'));
        -- Whoever solved a challenge is not kept out by what everybody else does.
        IF NOT call ? 'spend' OR NOT call -> 'spend' @> '[{"kind": "challenge"}]' THEN
          buckets := buckets || jsonb_build_object('name', 'strangers', 'bucket', 'strangers', 'policy', policies -> 'strangers');
        END IF;
      END IF;
    WHEN 'api_key' THEN
      SELECT jsonb_build_object('kind', CASE WHEN k.organization_id IS NULL THEN 'backend' ELSE 'agent' END,
          'id', coalesce(k.organization_id, k.key_id), 'key_id', k.key_id, 'organization_id', k.organization_id, 'agent_id', k.agent_id,
          'scopes', to_jsonb(k.scopes), 'tier', coalesce(o.tier, 'attested'), 'domain', o.domain,
          'epoch', (SELECT a.epoch FROM frontdesk.agents a WHERE a.tenant_id = t AND a.agent_id = k.agent_id))
        INTO who
        FROM frontdesk.api_keys k
        LEFT JOIN frontdesk.organizations o ON o.tenant_id = k.tenant_id AND o.organization_id = k.organization_id
        WHERE k.tenant_id = t AND k.secret_hash = secret AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at);
      key_id := who ->> 'key_id';
      IF who ->> 'kind' = 'backend' THEN
        PERFORM set_config('frontdesk.reach', 'tenant', true);
      ELSIF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'organizations', true), set_config('frontdesk.organizations', who ->> 'organization_id', true);
      END IF;
    WHEN 'access_token', 'agent' THEN
      SELECT jsonb_build_object('kind', 'agent', 'id', coalesce(a.organization_id, a.agent_id), 'organization_id', a.organization_id,
          'agent_id', a.agent_id, 'epoch', a.epoch, 'scopes', coalesce(call #> '{credential,scopes}', '[]'::jsonb), 'by_token', true,
          'tier', CASE WHEN a.kind = 'anonymous' THEN 'anonymous' ELSE o.tier END, 'domain', o.domain)
        INTO who
        FROM frontdesk.agents a
        JOIN frontdesk.organizations o ON o.tenant_id = a.tenant_id AND o.organization_id = a.organization_id
        WHERE a.tenant_id = t AND a.agent_id = call #>> '{credential,agent_id}' AND a.status = 'active'
          AND (a.epoch = (call #>> '{credential,epoch}')::int OR call #>> '{credential,kind}' = 'agent')
          AND (call #>> '{credential,key_id}' IS NULL OR EXISTS (SELECT FROM frontdesk.api_keys k
            WHERE k.tenant_id = t AND k.key_id = call #>> '{credential,key_id}' AND k.revoked_at IS NULL
              AND (k.expires_at IS NULL OR k.expires_at > at)));
      IF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'organizations', true), set_config('frontdesk.organizations', who ->> 'organization_id', true);
        key_id := call #>> '{credential,key_id}';
      END IF;
    WHEN 'session' THEN
      SELECT jsonb_build_object('kind', 'person', 'id', p.person_id, 'person_id', p.person_id, 'role', p.role, 'scopes', '[]'::jsonb,
          'tier', 'attested', 'stepped_up_at', s.stepped_up_at, 'seen_at', s.seen_at,
          'organization_ids', (SELECT coalesce(jsonb_agg(m.organization_id ORDER BY m.granted_at, m.organization_id), '[]'::jsonb)
            FROM frontdesk.memberships m WHERE m.tenant_id = t AND m.person_id = p.person_id))
        INTO who
        FROM frontdesk.sessions s JOIN frontdesk.people p ON p.tenant_id = s.tenant_id AND p.person_id = s.person_id
        WHERE s.tenant_id = t AND s.session_hash = secret AND s.ended_at IS NULL AND s.expires_at > at AND s.seen_at > at - interval '1 hour'
          AND p.state = 'active';
      IF who IS NOT NULL THEN
        IF who ->> 'role' = 'partner' THEN
          who := who || (SELECT jsonb_build_object('organization_id', o.organization_id, 'domain', o.domain, 'tier', o.tier)
            FROM frontdesk.organizations o WHERE o.tenant_id = t AND o.organization_id = who #>> '{organization_ids,0}');
        END IF;
      END IF;
      IF who IS NOT NULL THEN
        IF (who ->> 'seen_at')::timestamptz < at - interval '1 minute' THEN
          UPDATE frontdesk.sessions s SET seen_at = at WHERE s.tenant_id = t AND s.session_hash = secret;
        END IF;
        IF who ->> 'role' IN ('operator', 'auditor') THEN
          PERFORM set_config('frontdesk.reach', 'tenant', true);
        ELSE
          PERFORM set_config('frontdesk.reach', 'organizations', true),
            set_config('frontdesk.organizations', (SELECT coalesce(string_agg(o, ','), '') FROM jsonb_array_elements_text(who -> 'organization_ids') o), true);
        END IF;
        buckets := jsonb_build_array(jsonb_build_object('name', 'person', 'bucket', 'psn:' || (who ->> 'person_id'),
          'policy', coalesce(policies -> 'person', policies -> 'api_key')));
      END IF;
    WHEN 'workspace_key' THEN
      SELECT jsonb_build_object('kind', 'workspace', 'id', s.workspace_id, 'workspace_id', s.workspace_id, 'organization_id', s.organization_id,
          'scopes', '["workspaces:read", "workspaces:write"]'::jsonb, 'tier', 'anonymous')
        INTO who FROM frontdesk.workspaces s WHERE s.tenant_id = t AND s.key_hash = secret;
      buckets := jsonb_build_array(jsonb_build_object('name', 'workspace', 'bucket', 'ws:' || (who ->> 'workspace_id'),
        'policy', policies -> 'workspace'));
      IF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'workspace', true), set_config('frontdesk.workspace', who ->> 'workspace_id', true);
      END IF;
    WHEN 'claim_token' THEN
      SELECT jsonb_build_object('kind', 'claimant', 'id', s.workspace_id, 'workspace_id', s.workspace_id,
          'scopes', '["workspaces:claim"]'::jsonb, 'tier', 'anonymous')
        INTO who FROM frontdesk.workspaces s WHERE s.tenant_id = t AND s.claim_hash = secret;
      IF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'workspace', true), set_config('frontdesk.workspace', who ->> 'workspace_id', true);
      END IF;
    ELSE NULL;
  END CASE;
  PERFORM set_config('frontdesk.agent', coalesce(who ->> 'agent_id', ''), true);
  IF who IS NULL THEN
    RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', NULL);
  END IF;
  IF call #>> '{credential,kind}' IN ('api_key', 'access_token', 'agent') THEN
    CASE
      -- A token counts as the key that it was got with: changing one for the other gains nothing. A newcomer could make its keys itself: those
      -- that an operator gave have a domain, which the operator named, or no agent.
      WHEN key_id IS NOT NULL
        AND (who ->> 'tier' NOT IN ('anonymous', 'key_bound') OR who ->> 'domain' IS NOT NULL OR who ->> 'agent_id' IS NULL) THEN
        buckets := jsonb_build_array(jsonb_build_object('name', 'api_key', 'bucket', 'key:' || key_id, 'policy', policies -> 'api_key'));
      -- What a caller can make up by itself counts where the caller cannot choose: at its network.
      WHEN who ->> 'tier' = 'anonymous' THEN
        buckets := jsonb_build_array(jsonb_build_object('name', 'anonymous', 'bucket', network, 'policy', policies -> 'anonymous'));
      WHEN who ->> 'tier' = 'key_bound' THEN
        buckets := jsonb_build_array(
          jsonb_build_object('name', 'key_bound', 'bucket', 'agt:' || (who ->> 'agent_id'), 'policy', policies -> 'key_bound'),
          jsonb_build_object('name', 'newcomers', 'bucket', 'new:' || network, 'policy', coalesce(policies -> 'newcomers', policies -> 'anonymous')));
      ELSE
        buckets := jsonb_build_array(
          jsonb_build_object('name', 'agent', 'bucket', 'agt:' || (who ->> 'agent_id'), 'policy', coalesce(policies -> 'agent', policies -> 'api_key')),
          jsonb_build_object('name', 'organization', 'bucket', 'org:' || (who ->> 'organization_id'), 'policy', policies -> 'organization'));
    END CASE;
    -- So does what few calls of it already do harm.
    IF call ? 'open' AND buckets #>> '{0,name}' IN ('anonymous', 'key_bound') THEN
      buckets := buckets || jsonb_build_object('name', call ->> 'open', 'bucket', (call ->> 'open') || ':' || network,
        'policy', coalesce(policies -> (call ->> 'open'), policies -> 'anonymous'));
    END IF;
  END IF;

  IF call ? 'key' THEN
    SELECT jsonb_build_object('fingerprint', i.fingerprint, 'result', i.result, 'committed_at', i.committed_at, 'workspace',
        (SELECT jsonb_build_object('key_version', w.key_version, 'claim_version', w.claim_version,
            'status', CASE WHEN w.status = 'active' AND w.expires_at <= at THEN 'expired' ELSE w.status END)
          FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.workspace_id = i.subject_id), 'endpoint',
        (SELECT jsonb_build_object('secret_version', e.secret_version, 'state', e.state)
          FROM frontdesk.webhook_endpoints e WHERE e.tenant_id = t AND e.endpoint_id = i.subject_id))
      INTO earlier
      FROM frontdesk.idempotency i
      WHERE i.tenant_id = t AND i.principal = who ->> 'id' AND i.operation = call ->> 'operation' AND i.key = call ->> 'key';
  END IF;
  IF (call ->> 'charged')::boolean THEN
    IF earlier IS NULL THEN
      -- Most callers hold a key, which is counted by itself: they do not pay for what strangers need.
      charged := CASE WHEN jsonb_array_length(buckets) <> 1 THEN frontdesk.charge_all(buckets, at)
        WHEN jsonb_typeof(buckets #> '{0,policy}') = 'object'
          THEN frontdesk.charge(buckets #>> '{0,bucket}', buckets #> '{0,policy}', at) || jsonb_build_object('name', buckets #> '{0,name}') END;
    END IF;
    -- A nonce is used up by the call that gets in with it, and by no call that is sent away. Whoever repeats a call solves nothing again, but
    -- proves again who it is: the earlier answer may show a secret.
    IF call ? 'spend' AND coalesce((charged ->> 'allowed')::boolean, true) THEN
      FOR one IN SELECT s FROM jsonb_array_elements(call -> 'spend') s
        WHERE earlier IS NULL OR s ->> 'kind' <> 'challenge' ORDER BY s ->> 'kind', s ->> 'digest' COLLATE "C"
      LOOP
        INSERT INTO frontdesk.spent (tenant_id, kind, digest, expires_at)
        VALUES (t, one ->> 'kind', one ->> 'digest', (one ->> 'expires_at')::timestamptz) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
          RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', who, 'limit', charged, 'respent', one ->> 'kind');
        END IF;
      END LOOP;
    END IF;
  END IF;
  RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', who, 'limit', charged, 'earlier', earlier);
END
$$;
--> statement-breakpoint
RESET ROLE;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA frontdesk FROM frontdesk_writer;
