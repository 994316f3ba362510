-- Host → everything an instance keeps in memory of a tenant. No context exists before it, hence SECURITY DEFINER, owned by the writer.
CREATE FUNCTION frontdesk.open_desk(host_name text) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  t text;
BEGIN
  SELECT h.tenant_id INTO t FROM frontdesk.tenant_hosts h WHERE h.host = host_name;
  IF t IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM set_config('frontdesk.tenant', t, true);
  RETURN (
    SELECT jsonb_build_object(
      'tenant_id', s.tenant_id, 'name', s.name, 'origin', s.origin, 'revision', s.revision,
      'config', (SELECT v.config FROM frontdesk.vendor_versions v WHERE v.tenant_id = t ORDER BY v.version DESC LIMIT 1),
      'program', (
        SELECT jsonb_build_object('program_id', p.program_id, 'version', p.version, 'sha256', p.sha256, 'terms', p.terms)
        FROM frontdesk.program_versions p WHERE p.tenant_id = t ORDER BY p.created_at DESC, p.version DESC LIMIT 1),
      'documents', (
        SELECT jsonb_object_agg(d.kind, jsonb_build_object('body', d.body, 'etag', d.etag, 'issued_at', d.issued_at, 'valid_until', d.valid_until))
        FROM frontdesk.documents d WHERE d.tenant_id = t),
      'keys', (
        SELECT jsonb_agg(jsonb_build_object('kid', k.kid, 'purpose', k.purpose, 'algorithm', k.algorithm, 'public_jwk', k.public_jwk,
          'sealed', k.sealed, 'state', k.state) ORDER BY k.created_at, k.kid)
        FROM frontdesk.signing_keys k WHERE k.tenant_id = t))
    FROM frontdesk.tenants s WHERE s.tenant_id = t);
END
$$;
--> statement-breakpoint
-- Generic cell rate algorithm in one upsert: a row comes back when the request conforms. `policy` is { q: quota, w: window in seconds }.
CREATE FUNCTION frontdesk.charge(bucket_name text, policy jsonb, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  q int := (policy ->> 'q')::int;
  w int := (policy ->> 'w')::int;
  step interval := make_interval(secs => w::double precision / q);
  next timestamptz;
BEGIN
  INSERT INTO frontdesk.limits AS l (tenant_id, bucket, tat) VALUES (t, bucket_name, at + step)
  ON CONFLICT (tenant_id, bucket) DO UPDATE SET tat = greatest(l.tat, at) + step
    WHERE greatest(l.tat, at) + step <= at + step * q
  RETURNING tat INTO next;
  IF next IS NULL THEN
    SELECT l.tat INTO next FROM frontdesk.limits l WHERE l.tenant_id = t AND l.bucket = bucket_name;
    RETURN jsonb_build_object('allowed', false, 'q', q, 'w', w, 'r', 0,
      't', greatest(1, ceil(extract(epoch FROM next + step - step * q - at))::int));
  END IF;
  RETURN jsonb_build_object('allowed', true, 'q', q, 'w', w,
    'r', greatest(0, floor(extract(epoch FROM at + step * q - next) / extract(epoch FROM step))::int),
    't', greatest(0, ceil(extract(epoch FROM next - at))::int));
END
$$;
--> statement-breakpoint
-- The first statement of a request's load: host and credential → tenant, principal, limit and any earlier answer under the same key.
-- It also sets the context that every later statement of the same transaction runs under.
CREATE FUNCTION frontdesk.enter(call jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  t text;
  rev int;
  policies jsonb;
  at timestamptz := (call ->> 'at')::timestamptz;
  secret bytea := decode(call #>> '{credential,hash}', 'hex');
  who jsonb;
  policy_name text;
  bucket_name text;
  earlier jsonb;
  charged jsonb;
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
      policy_name := 'anonymous';
      bucket_name := call ->> 'network';
    WHEN 'api_key' THEN
      SELECT jsonb_build_object('kind', CASE WHEN k.organization_id IS NULL THEN 'backend' ELSE 'agent' END,
          'id', coalesce(k.organization_id, k.key_id), 'key_id', k.key_id, 'organization_id', k.organization_id, 'agent_id', k.agent_id,
          'scopes', to_jsonb(k.scopes), 'tier', coalesce(o.tier, 'attested'), 'domain', o.domain)
        INTO who
        FROM frontdesk.api_keys k
        LEFT JOIN frontdesk.organizations o ON o.tenant_id = k.tenant_id AND o.organization_id = k.organization_id
        WHERE k.tenant_id = t AND k.secret_hash = secret AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > at);
      policy_name := 'api_key';
      bucket_name := 'key:' || (who ->> 'key_id');
      IF who ->> 'kind' = 'backend' THEN
        PERFORM set_config('frontdesk.reach', 'tenant', true);
      ELSIF who IS NOT NULL THEN
        PERFORM set_config('frontdesk.reach', 'organizations', true), set_config('frontdesk.organizations', who ->> 'organization_id', true);
      END IF;
    WHEN 'workspace_key' THEN
      SELECT jsonb_build_object('kind', 'workspace', 'id', s.workspace_id, 'workspace_id', s.workspace_id, 'organization_id', s.organization_id,
          'scopes', '["workspaces:read", "workspaces:write"]'::jsonb, 'tier', 'anonymous')
        INTO who FROM frontdesk.workspaces s WHERE s.tenant_id = t AND s.key_hash = secret;
      policy_name := 'workspace';
      bucket_name := 'ws:' || (who ->> 'workspace_id');
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
  IF who IS NULL THEN
    RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', NULL);
  END IF;

  IF call ? 'key' THEN
    SELECT jsonb_build_object('fingerprint', i.fingerprint, 'result', i.result, 'committed_at', i.committed_at, 'workspace',
        (SELECT jsonb_build_object('key_version', w.key_version, 'claim_version', w.claim_version,
            'status', CASE WHEN w.status = 'active' AND w.expires_at <= at THEN 'expired' ELSE w.status END)
          FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.workspace_id = i.subject_id))
      INTO earlier
      FROM frontdesk.idempotency i
      WHERE i.tenant_id = t AND i.principal = who ->> 'id' AND i.operation = call ->> 'operation' AND i.key = call ->> 'key';
  END IF;
  IF earlier IS NULL AND (policies ? policy_name) AND (call ->> 'charged')::boolean THEN
    charged := frontdesk.charge(bucket_name, policies -> policy_name, at);
  END IF;
  RETURN jsonb_build_object('tenant_id', t, 'revision', rev, 'principal', who, 'limit', charged, 'earlier', earlier);
END
$$;
--> statement-breakpoint
-- The only writer. One decision, one statement: every part is there or none. Unique violations, FD001 and deadlocks mean "reload and
-- decide again"; a counter's CHECK means a quota. Counters come last: they are the rows most writers share.
CREATE FUNCTION frontdesk.commit(decision jsonb) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  part jsonb;
  n int;
BEGIN
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
    INSERT INTO frontdesk.organizations (tenant_id, organization_id, name, domain, tier, created_at)
    SELECT t, x.organization_id, x.name, x.domain, x.tier, x.created_at
    FROM jsonb_to_recordset(part) AS x(organization_id text, name text, domain text, tier text, created_at timestamptz);
  END IF;
  part := decision -> 'agents';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.agents (tenant_id, agent_id, organization_id, name, created_at)
    SELECT t, x.agent_id, x.organization_id, x.name, x.created_at
    FROM jsonb_to_recordset(part) AS x(agent_id text, organization_id text, name text, created_at timestamptz);
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
      RETURNING r.referral_id, r.organization_id, r.program_id, r.prospect_id, r.created_at
    )
    INSERT INTO frontdesk.referral_states (tenant_id, referral_id, organization_id, program_id, prospect_id, status, seq, changed_at)
    SELECT t, m.referral_id, m.organization_id, m.program_id, m.prospect_id, 'pending', 1, m.created_at FROM made m;
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
    INSERT INTO frontdesk.ledger_events (tenant_id, event_id, kind, subject_id, organization_id, body, leaf, recorded_at)
    SELECT t, x.event_id, x.kind, x.subject_id, x.organization_id, x.body, decode(x.leaf, 'hex'), x.recorded_at
    FROM jsonb_to_recordset(part) AS x(event_id text, kind text, subject_id text, organization_id text, body text, leaf text,
      recorded_at timestamptz);
  END IF;
  part := decision -> 'particulars';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.particulars (tenant_id, subject_id, organization_id, salt, content)
    SELECT t, x.subject_id, x.organization_id, decode(x.salt, 'hex'), x.content
    FROM jsonb_to_recordset(part) AS x(subject_id text, organization_id text, salt text, content jsonb);
  END IF;
  part := decision -> 'referral_tokens';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.referral_tokens (tenant_id, token_id, organization_id, agent_id, campaign, kid, claims, token_hash, code_hash,
      created_at, expires_at)
    SELECT t, x.token_id, x.organization_id, x.agent_id, x.campaign, x.kid, x.claims, decode(x.token_hash, 'hex'), decode(x.code_hash, 'hex'),
      x.created_at, x.expires_at
    FROM jsonb_to_recordset(part) AS x(token_id text, organization_id text, agent_id text, campaign text, kid text, claims jsonb,
      token_hash text, code_hash text, created_at timestamptz, expires_at timestamptz);
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
      AND w.status = 'active';
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
    UPDATE frontdesk.workspaces w SET row_count = w.row_count + jsonb_array_length(part -> 'rows')
    WHERE w.tenant_id = t AND w.workspace_id = part ->> 'workspace_id' AND w.status IN ('active', 'claimed');
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n <> 1 THEN RAISE EXCEPTION 'workspace changed meanwhile' USING ERRCODE = 'FD001'; END IF;
    INSERT INTO frontdesk.workspace_rows (tenant_id, workspace_id, entity, row_id, organization_id, values, created_at, updated_at)
    SELECT t, part ->> 'workspace_id', x.entity, x.row_id, part ->> 'organization_id', x.values, (part ->> 'at')::timestamptz,
      (part ->> 'at')::timestamptz
    FROM jsonb_to_recordset(part -> 'rows') AS x(entity text, row_id text, values jsonb);
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

  part := decision -> 'due';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.due_work AS d (tenant_id, kind, at)
    -- The row is shared by all writers of the tenant: it is touched only when something is due earlier than it says.
    SELECT t, x.kind, x.at FROM jsonb_to_recordset(part) AS x(kind text, at timestamptz)
    WHERE NOT EXISTS (SELECT FROM frontdesk.due_work o WHERE o.tenant_id = t AND o.kind = x.kind AND o.at <= x.at)
    ON CONFLICT (tenant_id, kind) DO UPDATE SET at = excluded.at WHERE excluded.at < d.at;
  END IF;
  part := decision -> 'effects';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.outbox (tenant_id, effect_id, kind, aggregate, payload, attempts, due_at, created_at)
    SELECT t, x.effect_id, x.kind, x.aggregate, x.payload, 0, x.due_at, x.created_at
    FROM jsonb_to_recordset(part) AS x(effect_id text, kind text, aggregate text, payload jsonb, due_at timestamptz, created_at timestamptz);
  END IF;

  part := decision -> 'counters';
  IF part IS NOT NULL THEN
    INSERT INTO frontdesk.counters AS c (tenant_id, name, subject, value, "limit")
    SELECT t, x.name, x.subject, x.by, x."limit" FROM jsonb_to_recordset(part) AS x(name text, subject text, by bigint, "limit" bigint)
    WHERE x.by > 0 ORDER BY x.name, x.subject
    ON CONFLICT (tenant_id, name, subject) DO UPDATE SET value = c.value + excluded.value, "limit" = excluded."limit";
    UPDATE frontdesk.counters c SET value = greatest(0, c.value + x.by)
    FROM jsonb_to_recordset(part) AS x(name text, subject text, by bigint)
    WHERE x.by < 0 AND c.tenant_id = t AND c.name = x.name AND c.subject = x.subject;
  END IF;
END
$$;
--> statement-breakpoint
-- Time passing: ends workspaces whose time is over, frees what they used, and forgets what is kept only for a while.
-- Bounded by `batch` rows a call; returns what it did, and `more` when another call has something to do.
CREATE FUNCTION frontdesk.expire(at timestamptz, batch int) RETURNS jsonb LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
  t text := nullif(current_setting('frontdesk.tenant', true), '');
  ended text[];
  swept int;
  forgotten int;
  next timestamptz;
BEGIN
  WITH over AS (
    SELECT w.workspace_id FROM frontdesk.workspaces w
    WHERE w.tenant_id = t AND w.status = 'active' AND w.expires_at <= at ORDER BY w.expires_at LIMIT batch FOR UPDATE SKIP LOCKED
  ), done AS (
    UPDATE frontdesk.workspaces w SET status = 'expired', ended_at = at, row_count = 0
    FROM over WHERE w.tenant_id = t AND w.workspace_id = over.workspace_id RETURNING w.workspace_id, w.owner
  ), freed AS (
    UPDATE frontdesk.counters c SET value = greatest(0, c.value - o.n)
    FROM (SELECT owner, count(*) AS n FROM done GROUP BY owner ORDER BY owner) o
    WHERE c.tenant_id = t AND c.name = 'workspaces.active' AND c.subject = o.owner
  )
  SELECT coalesce(array_agg(workspace_id), '{}') INTO ended FROM done;
  DELETE FROM frontdesk.workspace_rows r WHERE r.tenant_id = t AND r.workspace_id = ANY (ended);
  -- An anonymous workspace leaves nothing behind after a week.
  DELETE FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.workspace_id IN (
    SELECT o.workspace_id FROM frontdesk.workspaces o
    WHERE o.tenant_id = t AND o.status IN ('expired', 'revoked') AND o.referral_id IS NULL AND o.ended_at < at - interval '7 days' LIMIT batch);
  GET DIAGNOSTICS swept = ROW_COUNT;
  DELETE FROM frontdesk.idempotency i WHERE i.tenant_id = t AND i.committed_at < at - interval '30 days';
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  DELETE FROM frontdesk.link_visits v WHERE v.tenant_id = t AND v.created_at < at - interval '90 days';
  DELETE FROM frontdesk.limits l WHERE l.tenant_id = t AND l.tat < at - interval '1 day';
  -- A workspace that is committed at this very moment is not seen here, and found the old date early enough: it waits an hour at most.
  SELECT least(coalesce(min(w.expires_at), at + interval '1 hour'), at + interval '1 hour') INTO next
    FROM frontdesk.workspaces w WHERE w.tenant_id = t AND w.status = 'active';
  UPDATE frontdesk.due_work d SET at = next WHERE d.tenant_id = t AND d.kind = 'expire';
  RETURN jsonb_build_object('expired', cardinality(ended), 'swept', swept, 'forgotten', forgotten, 'more', next <= at OR swept = batch);
END
$$;
--> statement-breakpoint
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA frontdesk FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.open_desk(text), frontdesk.enter(jsonb) TO frontdesk_reader, frontdesk_writer;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION frontdesk.charge(text, jsonb, timestamptz), frontdesk.commit(jsonb), frontdesk.expire(timestamptz, int)
  TO frontdesk_writer;
--> statement-breakpoint
-- Functions that run before a context exists belong to the writer, not to the owner: policies hold inside them as well.
GRANT CREATE ON SCHEMA frontdesk TO frontdesk_writer;
--> statement-breakpoint
ALTER FUNCTION frontdesk.open_desk(text) OWNER TO frontdesk_writer;
--> statement-breakpoint
ALTER FUNCTION frontdesk.charge(text, jsonb, timestamptz) OWNER TO frontdesk_writer;
--> statement-breakpoint
ALTER FUNCTION frontdesk.enter(jsonb) OWNER TO frontdesk_writer;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA frontdesk FROM frontdesk_writer;
