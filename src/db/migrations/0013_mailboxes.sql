-- Who proved a mailbox to take a workspace over.
CREATE TABLE "frontdesk"."mailbox_proofs" (
	"tenant_id" text NOT NULL,
	"proof_id" text NOT NULL,
	"workspace_id" text NOT NULL,
	"claim_hash" "bytea" NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"browser_hash" "bytea" NOT NULL,
	"email" text NOT NULL,
	"via" text NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"proven_at" timestamp (3) with time zone,
	"used_at" timestamp (3) with time zone,
	CONSTRAINT "mailbox_proofs_tenant_id_proof_id_pk" PRIMARY KEY("tenant_id","proof_id"),
	CONSTRAINT "mailbox_proofs_token" UNIQUE("tenant_id","token_hash"),
	CONSTRAINT "mailbox_proofs_email_lower" CHECK (email = lower(email)),
	CONSTRAINT "mailbox_proofs_via" CHECK (via in ('mail', 'session', 'provider')),
	CONSTRAINT "mailbox_proofs_end" CHECK (expires_at > created_at),
	CONSTRAINT "mailbox_proofs_in_order" CHECK (used_at is null or proven_at is not null)
);
--> statement-breakpoint
ALTER TABLE "frontdesk"."mailbox_proofs" ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "frontdesk"."mailbox_proofs" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "frontdesk"."mailbox_proofs" ADD CONSTRAINT "mailbox_proofs_workspace" FOREIGN KEY ("tenant_id","workspace_id") REFERENCES "frontdesk"."workspaces"("tenant_id","workspace_id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "mailbox_proofs_of_claim" ON "frontdesk"."mailbox_proofs" USING btree ("tenant_id","claim_hash");
--> statement-breakpoint
CREATE INDEX "mailbox_proofs_of_workspace" ON "frontdesk"."mailbox_proofs" USING btree ("tenant_id","workspace_id");
--> statement-breakpoint
CREATE POLICY "writer_of_tenant" ON "frontdesk"."mailbox_proofs" AS PERMISSIVE FOR ALL TO "frontdesk_writer" USING (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), ''))) WITH CHECK (tenant_id = (select nullif(current_setting('frontdesk.tenant', true), '')));
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON frontdesk.mailbox_proofs TO frontdesk_writer;
--> statement-breakpoint
GRANT UPDATE (version, expires_at, proven_at, used_at) ON frontdesk.mailbox_proofs TO frontdesk_writer;
--> statement-breakpoint
CREATE FUNCTION frontdesk.commit_mailboxes(t text, decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  part jsonb := decision -> 'mailbox_proofs';
  n int;
BEGIN
  INSERT INTO frontdesk.mailbox_proofs AS m (tenant_id, proof_id, workspace_id, claim_hash, token_hash, browser_hash, email, via, version, created_at,
    expires_at, proven_at, used_at)
  SELECT t, x.proof_id, x.workspace_id, decode(x.claim_hash, 'hex'), decode(x.token_hash, 'hex'), decode(x.browser_hash, 'hex'), x.email, x.via,
    x.version, x.created_at, x.expires_at, x.proven_at, x.used_at
  FROM jsonb_to_recordset(part) AS x(proof_id text, workspace_id text, claim_hash text, token_hash text, browser_hash text, email text, via text,
    version int, created_at timestamptz, expires_at timestamptz, proven_at timestamptz, used_at timestamptz)
  WHERE x.version = 1 OR EXISTS (SELECT FROM frontdesk.mailbox_proofs o WHERE o.tenant_id = t AND o.proof_id = x.proof_id)
  ON CONFLICT (tenant_id, proof_id) DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at, proven_at = excluded.proven_at,
    used_at = excluded.used_at
  WHERE m.version = excluded.version - 1 AND m.used_at IS NULL;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n <> jsonb_array_length(part) THEN RAISE EXCEPTION 'proof changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  PERFORM frontdesk.make_due(t, 'expire', x.expires_at) FROM jsonb_to_recordset(part) AS x(expires_at timestamptz);
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION frontdesk.commit_mailboxes(text, jsonb) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.commit_mailboxes(text, jsonb) TO frontdesk_writer;
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
  IF decision ? 'mailbox_proofs' THEN
    PERFORM frontdesk.commit_mailboxes(t, decision);
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
  -- Whose mailbox it was is known for a day.
  DELETE FROM frontdesk.mailbox_proofs m WHERE m.tenant_id = t AND m.expires_at < at - interval '1 day';
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
CREATE OR REPLACE FUNCTION frontdesk.erase(prospect text) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  referrals text[];
  workspaces text[];
  forgotten int;
  emptied int;
  n int;
BEGIN
  SELECT coalesce(array_agg(s.referral_id), '{}') INTO referrals FROM frontdesk.referral_states s WHERE s.tenant_id = t AND s.prospect_id = prospect;
  SELECT coalesce(array_agg(w.workspace_id), '{}') INTO workspaces FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.prospect_id = prospect;
  DELETE FROM frontdesk.particulars p WHERE p.tenant_id = t AND p.subject_id = ANY (referrals || workspaces || prospect);
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  DELETE FROM frontdesk.mailbox_proofs m WHERE m.tenant_id = t AND m.workspace_id = ANY (workspaces);
  UPDATE frontdesk.workspaces w SET untrusted = '{}' WHERE w.tenant_id = t AND w.workspace_id = ANY (workspaces);
  GET DIAGNOSTICS emptied = ROW_COUNT;
  UPDATE frontdesk.reports r SET data = '{}' WHERE r.tenant_id = t AND r.prospect_id = prospect;
  GET DIAGNOSTICS n = ROW_COUNT;
  emptied := emptied + n;
  UPDATE frontdesk.dispute_evidence e SET content = e.content - 'text' - 'salt' FROM frontdesk.disputes d
  WHERE e.tenant_id = t AND d.tenant_id = t AND d.dispute_id = e.dispute_id AND d.prospect_id = prospect;
  GET DIAGNOSTICS n = ROW_COUNT;
  emptied := emptied + n;
  DELETE FROM frontdesk.idempotency i WHERE i.tenant_id = t AND i.subject_id = ANY (referrals || workspaces);
  -- Random, and no longer of any domain: should the company come again, it is a stranger.
  UPDATE frontdesk.prospects p SET fingerprint = sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
  WHERE p.tenant_id = t AND p.prospect_id = prospect;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n <> 1 THEN RAISE EXCEPTION 'prospect changed meanwhile' USING ERRCODE = 'FD001'; END IF;
  RETURN jsonb_build_object('forgotten', forgotten, 'emptied', emptied);
END
$$;
